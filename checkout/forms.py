"""What a customer sends from the Change page: ids, quantities and a code. What may be had is decided elsewhere."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from checkout.operations.selection import Choice
from memberships.operations.terms import Terms
from products.pricing import Interval, Unit

LONGEST_INTERVAL = 1000


class IntervalField(forms.CharField):
    """A billing period as the page writes it: `month-1`. Cleans to an Interval."""

    def clean(self, value: Any) -> Interval:
        unit, _dash, count = super().clean(value).partition("-")
        if unit not in set(Unit) or not count.isdecimal() or not 1 <= int(count) <= LONGEST_INTERVAL:
            raise forms.ValidationError(_("Choose one of the billing periods shown."), code="invalid")
        return Interval(unit=Unit(unit), count=int(count))


class UUIDListField(forms.Field):
    """Any number of identifiers under one name. Cleans to a list without repetitions."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[UUID]:
        try:
            return list(dict.fromkeys(UUID(text) for text in value or []))
        except ValueError:
            raise forms.ValidationError(_("Choose from the packages shown."), code="invalid") from None


class ChangeForm(forms.Form):
    """The complete wanted state. `choice` is there once the form is valid."""

    plan = forms.UUIDField(
        error_messages={"required": _("Choose a plan."), "invalid": _("Choose one of the plans shown.")}
    )
    period = IntervalField(max_length=12)
    extra = UUIDListField(required=False)
    code = forms.CharField(required=False)

    def __init__(self, data: QueryDict, *, terms: Terms) -> None:
        super().__init__(data)
        self.terms = terms

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["addons"] = {uid: self._quantity(uid) for uid in cleaned.get("extra", [])}
        return cleaned

    @property
    def choice(self) -> Choice:
        return Choice(
            plan=self.cleaned_data["plan"],
            interval=self.cleaned_data["period"],
            addons=with_what_was_bought(self.terms, self.cleaned_data["addons"]),
            code=self.cleaned_data["code"],
        )

    def _quantity(self, uid: UUID) -> int:
        text = str(self.data.get(f"quantity-{uid}", "1")).strip()
        if not text.isdecimal() or len(text) > 6 or int(text) < 1:  # noqa: PLR2004 - more digits than any quantity
            self.add_error(
                "extra", forms.ValidationError(_("A quantity is a whole number, 1 or more."), code="quantity")
            )
            return 1
        return int(text)


class CancelForm(forms.Form):
    """Why a member leaves, should they care to say."""

    reason = forms.CharField(
        label=_("Why are you leaving?"),
        required=False,
        max_length=240,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("It helps us. You need not say."),
    )


def interval_value(interval: Interval) -> str:
    """An interval as the page sends it back."""
    return f"{interval.unit}-{interval.count}"


def choice_of_today(terms: Terms) -> Choice:
    """What the member has now. Raises AssertionError without a plan."""
    assert terms.plan is not None, "a membership without a plan has no Change page"
    return Choice(
        plan=terms.plan.product.uid,
        interval=terms.membership.interval,
        addons={
            item.product.uid: item.quantity
            for item in terms.items
            if not item.product.is_plan and item.price.is_recurring
        },
    )


def with_what_was_bought(terms: Terms, asked: Mapping[UUID, int]) -> dict[UUID, int]:
    """The wanted state holds all of a one-off product: what is asked now comes on top of what was bought."""
    bought = {item.product.uid: item.quantity for item in terms.items if not item.price.is_recurring}
    return {uid: quantity + bought.get(uid, 0) for uid, quantity in asked.items()}
