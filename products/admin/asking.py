"""A page of the network admin that asks before something is done: the facts, a form, one button."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Model
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils.text import capfirst

from products.admin.base import Admin


def the_row(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> Any:
    """The row that the address names, as `model_admin` fetches it. Raises Http404."""
    row = model_admin.get_object(request, object_id)
    if row is None:
        raise Http404
    return row


class NothingToChoose(forms.Form):
    """For a page with one button: valid as soon as that is pressed."""


def ask(
    model_admin: Admin[Any],
    request: HttpRequest,
    row: Model,
    *,
    form: forms.BaseForm,
    title: Any,
    button: Any,
    facts: Sequence[tuple[Any, Any]] = (),
    warning: Any = "",
    template: str = "admin/asking.html",
    **context: Any,
) -> TemplateResponse:
    """The page; it posts to itself. `facts` are pairs of label and text. Unfold's widgets belong on the fields."""
    for field in form:
        field.label = capfirst(field.label)
    return TemplateResponse(
        request,
        template,
        {
            **model_admin.admin_site.each_context(request),
            "opts": model_admin.opts,
            "original": row,
            "title": title,
            "form": form,
            "button": button,
            "facts": facts,
            "warning": warning,
            **context,
        },
        status=422 if form.is_bound else 200,
    )
