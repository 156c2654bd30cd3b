"""What a customer sends: ids, quantities and a code of a change, and what is to stay. What may be had is decided
elsewhere."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from checkout.operations.selection import Choice
from checkout.operations.what_stays import Answer, Ticks
from memberships.operations.terms import Terms
from products.limits import Kind
from products.pricing import Interval, Unit
from sites.models import Starter
from sites.models.site import LONGEST_SITE_NAME
from sites.operations.over_limit import Place

LONGEST_INTERVAL = 1000
LONGEST_TYPED = 200  # of an address; what is wrong with it is said by the rules of addresses


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


class SiteForm(forms.Form):
    """The site that somebody begins: its name, its address on the network, and the starter it begins as."""

    name = forms.CharField(
        label=_("Name of your site"),
        max_length=LONGEST_SITE_NAME,
        error_messages={"required": _("Enter a name."), "max_length": _("Use a shorter name.")},
        widget=forms.TextInput(attrs={"autocomplete": "organization", "maxlength": LONGEST_SITE_NAME}),
    )
    slug = forms.CharField(label=_("Address"), max_length=LONGEST_TYPED, required=False)
    starter = forms.ModelChoiceField(
        Starter.objects.none(),
        required=False,
        error_messages={
            "invalid_choice": _("This starter site is not offered with your plan. Choose another.")
        },
    )

    def __init__(self, data: Any = None, *, starters: Sequence[Starter], initial: Mapping[str, Any]) -> None:
        super().__init__(data, initial=dict(initial))
        self.starters = starters
        field = cast("forms.ModelChoiceField[Starter]", self.fields["starter"])
        field.queryset = Starter.objects.filter(pk__in=[starter.pk for starter in starters])


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


def list_name(place: Place) -> str:
    """How pages call the list of what is too much of one kind in one place: `sites`, `posts-17`."""
    site_id, kind = place
    return kind.value if site_id is None else f"{kind.value}-{site_id}"


def stood_value(keys: Collection[str], *, ticked: Collection[str]) -> str:
    """What a page says of the list that stands on it, to be sent back: each key, with a + where it is ticked."""
    return " ".join(f"+{key}" if key in ticked else key for key in keys)


def answer_of(data: QueryDict) -> Answer:
    """What came back of the lists on a page: whatever it is, the operation takes from it what makes sense."""
    places = {name: place for name in data.getlist("list") if (place := _place_of(name)) is not None}
    instead: dict[Place, Collection[str] | None] = {}
    how, _colon, name = data.get("instead", "").partition(":")
    if name in places and how in {"automatic", "none"}:
        instead[places[name]] = None if how == "automatic" else ()
    return Answer(
        ticks={place: _ticks_of(data, name) for name, place in places.items()},
        instead=instead,
    )


def _place_of(name: str) -> Place | None:
    kind, _dash, site_id = name.partition("-")
    if kind not in set(Kind) or not (site_id.isdecimal() or not site_id) or len(site_id) > 18:  # noqa: PLR2004 - more digits than any id
        return None
    return (int(site_id) if site_id else None, Kind(kind))


def _ticks_of(data: QueryDict, name: str) -> Ticks:
    stood = data.get(f"stood-{name}", "").split()
    return Ticks(
        stood=frozenset(key.removeprefix("+") for key in stood),
        ticked=frozenset(key[1:] for key in stood if key.startswith("+")),
        now=frozenset(data.getlist(f"keep-{name}")),
    )
