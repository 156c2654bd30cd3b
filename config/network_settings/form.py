"""The settings as a form: each with its value, and the way back to the environment's."""

from typing import Any, Final, cast

from django import forms
from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
    UnfoldBooleanWidget,
)

from accounts.network.live import Network, names
from accounts.network.models import EmailConfirmation, NetworkSettings
from config.network_settings.rules import BOUNDS, faults
from memberships.countries import country_choices
from memberships.policies.vat import NotAVatNumber, vat_number

BACK: Final = "back_to_environment_"


class DaysField(forms.CharField):
    """Days, separated by commas: a list of integers."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        try:
            return [int(each) for each in str(value or "").split(",") if each.strip()]
        except ValueError as error:
            raise forms.ValidationError(_("Enter ascending days, such as 0, 1, 3, 7.")) from error

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value


class LinesField(forms.CharField):
    """Lines of text, without empty ones."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 3})

    def to_python(self, value: Any) -> str:
        return "\n".join(filter(None, map(str.strip, str(value or "").splitlines())))


def _words(*, longest: int, required: bool = False) -> forms.CharField:
    return forms.CharField(max_length=longest, required=required, widget=UnfoldAdminTextInputWidget)


def _number(name: str) -> forms.IntegerField:
    least, most = BOUNDS[name]
    return forms.IntegerField(min_value=least, max_value=most, widget=UnfoldAdminIntegerFieldWidget)


def _switch() -> forms.BooleanField:
    return forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)


def _fields() -> dict[str, forms.Field]:
    return {
        "network_name": _words(longest=60, required=True),
        "seller_name": _words(longest=120),
        "seller_address": LinesField(max_length=400, required=False),
        "seller_country": forms.ChoiceField(choices=country_choices, widget=UnfoldAdminSelectWidget),
        "seller_vat_number": _words(longest=20),
        "seller_iban": _words(longest=42),
        "seller_bic": _words(longest=11),
        "dunning_days": DaysField(max_length=200, widget=UnfoldAdminTextInputWidget),
        "trials_need_a_card": _switch(),
        "staff_need_second_factor": _switch(),
        "email_confirmation": forms.ChoiceField(
            choices=EmailConfirmation.choices, widget=UnfoldAdminSelectWidget
        ),
        **{name: _number(name) for name in BOUNDS},
    }


class SettingsForm(forms.Form):
    """Knows what each field showed when the page was made (`show_hidden_initial`): only what the person changed is
    theirs, whatever a colleague changed meanwhile."""

    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None = None, *, row: NetworkSettings) -> None:
        self.in_force = in_force(row)
        super().__init__(data, initial={**self.in_force, "seen": row.version})
        for name, field in _fields().items():
            field.show_hidden_initial = True
            field.label = label_of(name)
            self.fields[name] = field
        self.set_here = [name for name in names() if getattr(row, name) is not None]
        for name in self.set_here:
            self.fields[BACK + name] = forms.BooleanField(
                label=_("Back to the environment’s value"), required=False, widget=UnfoldBooleanWidget
            )

    def clean_seller_vat_number(self) -> str:
        typed: str = self.cleaned_data["seller_vat_number"]
        try:
            return vat_number(typed, country=self.cleaned_data.get("seller_country", ""))
        except NotAVatNumber:
            return typed  # `faults` says so

    def clean_seller_iban(self) -> str:
        return "".join(self.cleaned_data["seller_iban"].split()).upper()

    def clean_seller_bic(self) -> str:
        return "".join(self.cleaned_data["seller_bic"].split()).upper()

    def clean(self) -> dict[str, Any]:
        """The same rules as at start-up, over all settings as they would be."""
        super().clean()
        for fault in faults({name: self._would_be(name) for name in names()}):
            if fault.name not in self.errors:
                self.add_error(fault.name, str(fault.sentence))
        return self.cleaned_data

    @property
    def chosen(self) -> dict[str, Any]:
        """What the person typed anew, by name."""
        return {
            name: self.cleaned_data[name]
            for name in self.changed_data
            if name in names() and name not in self.given_up
        }

    @property
    def given_up(self) -> list[str]:
        """What is to be the environment's again."""
        return [name for name in self.set_here if self.cleaned_data.get(BACK + name)]

    def again(self, row: NetworkSettings) -> "SettingsForm":
        """This form after a colleague changed the settings to `row`: what the person typed, and what is now of the
        rest."""
        data = cast("QueryDict", self.data).copy()
        typed = set(self.changed_data)
        for name, now in in_force(row).items():
            data[self[name].html_initial_name] = said = str(self.fields[name].prepare_value(now))
            if name not in typed:
                data[name] = said
        data["seen"] = str(row.version)
        return SettingsForm(data, row=row)

    def changed_by_others(self, again: "SettingsForm") -> list[str]:
        """What has another value in `again` than the one that this page showed."""
        return [name for name, now in again.in_force.items() if self._shown(name) != now]

    def _shown(self, name: str) -> Any:
        try:
            return self.fields[name].to_python(self.data.get(self[name].html_initial_name))
        except forms.ValidationError:
            return None  # no page of ours showed that

    def _would_be(self, name: str) -> Any:
        if name in self.given_up:
            return in_the_environment(name)
        return self.cleaned_data.get(name, self.in_force[name])


def label_of(name: str) -> str:
    """What people call the setting."""
    columns = {field.name: field for field in NetworkSettings._meta.concrete_fields}  # noqa: SLF001 -- Django's public API
    return str(capfirst(columns[name].verbose_name))


def in_force(row: NetworkSettings) -> dict[str, Any]:
    """Every setting by its name: what `row` has, else the environment. Not from memory, as `network` does: whoever
    changes them sees the row itself."""
    stored = {name: getattr(row, name) for name in names()}
    return {name: in_the_environment(name) if value is None else value for name, value in stored.items()}


def in_the_environment(name: str) -> Any:
    return vars(Network)[name].in_the_environment
