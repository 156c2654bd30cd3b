"""Make a product like another one."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextInputWidget

from products.admin.asking import ask, the_row
from products.admin.base import Admin
from products.models import Product
from products.operations.duplicate import duplicate


class DuplicateForm(forms.Form):
    name = forms.CharField(label=_("name"), max_length=80, widget=UnfoldAdminTextInputWidget)
    code = forms.SlugField(
        label=_("code"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Short and lasting; prices, links and logs name it."),
    )

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if Product.objects.filter(code=code).exists():
            raise forms.ValidationError(_("There is a product of this code already."))
        return code


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    product: Product = the_row(model_admin, request, object_id)
    proposed = {
        "name": (gettext("%s (copy)") % product.name)[:80],
        "code": _free_code(f"{product.code[:50]}-copy"),
    }
    form = DuplicateForm(request.POST or None, initial=proposed)
    if form.is_valid() and (copy := _made(product, form)):
        messages.success(request, _("The copy is not on sale yet: look it through, then make it active."))
        return redirect("admin:products_product_change", copy.pk)
    prices, limits = product.prices.current().count(), product.limits.count()
    return ask(
        model_admin, request, product, form=form, title=_("Duplicate the product"), button=_("Duplicate"),
        facts=[
            (_("product"), product),
            (_("prices that go along"), prices),
            (_("limits that go along"), limits),
            *([(_("plan group"), product.group)] if product.group else []),
        ],
    )  # fmt: skip


def _made(product: Product, form: DuplicateForm) -> Product | None:
    try:
        return duplicate(product=product, **form.cleaned_data, now=timezone.now())
    except ValidationError as refused:  # somebody else took the code meanwhile
        for field, problems in refused.message_dict.items():
            form.add_error(field if field in form.fields else None, problems)
        return None


def _free_code(wanted: str) -> str:
    taken = set(Product.objects.filter(code__startswith=wanted).values_list("code", flat=True))
    if wanted not in taken:
        return wanted
    return next(code for code in (f"{wanted}-{number}" for number in range(2, 1000)) if code not in taken)
