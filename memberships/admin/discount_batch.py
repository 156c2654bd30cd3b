"""Make many codes at once, by one set of rules."""

import uuid
from collections.abc import Mapping
from re import fullmatch
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from memberships.admin.discount_form import DiscountForm
from products.admin.asking import ask
from products.admin.base import Admin
from products.forms import count_field
from products.models import Discount, DiscountBatch
from products.operations.codes import MOST, make_batch

RULES = (
    *("name", "is_active", "percent", "amount", "currency", "covers_setup_fee"),
    *("periods", "starts_at", "ends_at", "most_uses", "most_uses_per_customer"),
)


class PrefixField(forms.CharField):
    """What the codes of a batch begin with. Cleans to capitals."""

    def to_python(self, value: Any) -> str:
        return str(super().to_python(value)).upper()

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and not fullmatch(r"[A-Z0-9][A-Z0-9_-]{0,19}", value):
            raise forms.ValidationError(
                _("A prefix has up to 20 letters, digits, - and _, and begins with a letter or a digit.")
            )


class BatchForm(DiscountForm):
    """The rules of every code of a batch. `uid` makes a form that is sent twice count once."""

    code = None  # type: ignore[assignment]  # Django's way to leave a field out
    begins_with = PrefixField(
        label=_("prefix"),
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Each code begins with it: SPRING-7KQM2XAD."),
    )
    size = count_field(label=_("how many codes"), min_value=1, max_value=MOST)
    most_uses = count_field(
        label=_("Uses of each code"), required=False, min_value=1, max_value=2**31 - 1, initial=1
    )
    uid = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    field_order = ("begins_with", "size", "name", "percent", "amount", "currency", "periods", "products")

    @property
    def rules(self) -> Mapping[str, Any]:
        """Of a valid form: the rules of each code, as the model names them."""
        return {name: self.cleaned_data[name] for name in RULES}


def page(model_admin: Admin[Any], request: HttpRequest) -> HttpResponse:
    form = _form(model_admin, request)
    if form.is_valid():
        typed = form.cleaned_data
        batch = make_batch(
            uid=typed["uid"],
            prefix=typed["begins_with"],
            size=typed["size"],
            rules=form.rules,
            only_for=list(typed["products"]),
            actor=cast("User", request.user),
            now=timezone.now(),
        )
        return _shown(request, batch)
    title = _("Make a batch of codes")
    return ask(
        model_admin, request, Discount(code=str(title)), form=form, title=title, button=_("Make the codes")
    )


def _form(model_admin: Admin[Any], request: HttpRequest) -> BatchForm:
    """With the widgets that the fields have on a code's own page."""
    made: Any = model_admin.get_form(request, None, form=BatchForm, fields=(*RULES, "products"))
    form: BatchForm = made(request.POST or None)
    return form


def _shown(request: HttpRequest, batch: DiscountBatch) -> HttpResponse:
    sentence = ngettext(
        "%(count)d code of %(batch)s is ready. Export gives it as a file.",
        "%(count)d codes of %(batch)s are ready. Export gives them as a file.",
        batch.size,
    )
    messages.success(request, sentence % {"count": batch.size, "batch": batch})
    return redirect(f"{reverse('admin:products_discount_changelist')}?batch__id__exact={batch.pk}")
