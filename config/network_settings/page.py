"""What the network runs by, on one page: each setting with what it does and where it is set. Owners change it here."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import BoundField
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from accounts.network.models import NetworkSettings
from accounts.network.operations import ChangedMeanwhile, change_settings
from config.network_settings.form import BACK, SettingsForm, in_force, in_the_environment, label_of
from config.network_settings.rules import faults
from memberships.countries import country_name
from products.admin.base import NOTHING

PERMISSION: Final = "memberships.view_membership"
PERMISSION_TO_CHANGE: Final = "network.change_networksettings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting by its name, which is also its name in the environment. Never a secret. `why_fixed` says why it is
    set there alone, and then it has a `label`; without it, it can be changed here, and is called as its column."""

    name: str
    effect: Any
    unit: str = ""
    label: Any = ""
    why_fixed: Any = ""


SAVED: Final = _("Saved. Web and workers have it from now on.")
AT_A_RESTART: Final = _("Needs a restart of web and workers.")
AT_THE_BEGINNING: Final = _("Decided before the first price: what was sold is counted in it.")
GROUPS: Final[Sequence[tuple[Any, Sequence[Setting]]]] = (
    (
        _("Who sells"),
        (
            Setting(name="NETWORK_NAME", effect=_("How the network calls itself, on pages and in mails.")),
            Setting(name="SELLER_NAME", effect=_("Stands on bills from the next one on.")),
            Setting(name="SELLER_ADDRESS", effect=_("Stands on bills from the next one on.")),
            Setting(
                name="SELLER_COUNTRY",
                effect=_(
                    "Businesses in other countries of the European Union owe the tax themselves, on prices from now on."
                ),
            ),
            Setting(name="SELLER_VAT_NUMBER", effect=_("Stands on bills from the next one on.")),
            Setting(name="SELLER_IBAN", effect=_("Where transfers go. Empty: bank transfer is not offered.")),
            Setting(name="SELLER_BIC", effect=_("Stands beside the account number.")),
        ),
    ),
    (
        _("Money"),
        (
            Setting(
                name="TRANSFER_LIFETIME_DAYS",
                effect=_(
                    "So long an order waits for a transfer. Orders that wait keep the day they were told."
                ),
                unit="day",
            ),
            Setting(
                name="TRIALS_NEED_A_CARD",
                effect=_(
                    "Whether a trial begins only after a card was saved, which is not charged before its end."
                ),
            ),
            Setting(
                name="UNDO_HOURS",
                effect=_("So long an upgrade can be undone, also one that was made already. 0: not at all."),
                unit="hour",
            ),
            Setting(
                name="CURRENCY", label=_("currency"), effect=_("Of new prices."), why_fixed=AT_THE_BEGINNING
            ),
            Setting(
                name="PRICES_INCLUDE_TAX",
                label=_("prices include tax"),
                effect=_("Whether prices are entered and shown with tax."),
                why_fixed=AT_THE_BEGINNING,
            ),
        ),
    ),
    (
        _("When money does not come"),
        (
            Setting(
                name="DUNNING_DAYS",
                effect=_(
                    "Days after its due date on which the saved card is charged. A bill that is open keeps its next "
                    "day, and follows from then on."
                ),
            ),
            Setting(
                name="EXPIRE_AFTER_DAYS",
                effect=_(
                    "Unpaid for so long, a membership expires: with the next sweep also one that is overdue now, whose "
                    "customer was told another day."
                ),
                unit="day",
            ),
            Setting(
                name="GRACE_DAYS",
                effect=_(
                    "So long its sites are then still shown, before visitors see a notice. Those of memberships that "
                    "are over follow within ten minutes."
                ),
                unit="day",
            ),
        ),
    ),
    (
        _("People"),
        (
            Setting(
                name="STAFF_NEED_SECOND_FACTOR",
                effect=_("Who works here and has none is led to set it up from their next page on."),
            ),
            Setting(
                name="EMAIL_CONFIRMATION",
                effect=_(
                    "What a new customer does before they have confirmed their address. Visitors of their site wait "
                    "for that in any case."
                ),
            ),
        ),
    ),
    (
        _("Sites"),
        (
            Setting(name="SPARE_SITES", effect=_("Built ahead: so many new sites are ready at once.")),
            Setting(
                name="RECYCLE_DAYS",
                effect=_("So long a deleted site can be put back, also one that is in the bin."),
                unit="day",
            ),
            Setting(
                name="DOMAIN_QUARANTINE_DAYS",
                effect=_("So long nobody else can take a domain that was removed, from the next one on."),
                unit="day",
            ),
            Setting(
                name="SITES_DOMAIN",
                label=_("domain of sites"),
                effect=_("New sites get a name below it."),
                why_fixed=AT_A_RESTART,
            ),
            Setting(
                name="NETWORK_ORIGIN",
                label=_("address of the network"),
                effect=_("Where account, billing and admin are."),
                why_fixed=AT_A_RESTART,
            ),
            Setting(
                name="DEFAULT_FROM_EMAIL",
                label=_("sender"),
                effect=_("The sender of mails."),
                why_fixed=AT_A_RESTART,
            ),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A setting as the page shows it; its field for who may change it."""

    setting: Setting
    label: str
    value: str
    is_set_here: bool = False
    in_the_environment: str = ""
    field: BoundField | None = None
    back: BoundField | None = None


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """For everybody who sees memberships; to change for those with the permission, who are the owners."""
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    may_change = request.user.has_perm(PERMISSION_TO_CHANGE)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    row = NetworkSettings.objects.select_related("changed_by").filter(pk=1).first() or NetworkSettings()
    form = SettingsForm(request.POST if request.method == "POST" else None, row=row) if may_change else None
    if form is not None and form.is_bound:
        form, saved = _save(form, request, row)
        if saved:
            return redirect("admin:network_settings")
    context = {
        **admin.site.each_context(request),
        "title": gettext("Network settings"),
        "groups": [(title, [_line(each, row, form) for each in group]) for title, group in GROUPS],
        "form": form,
        "row": row,
        "faults": [f"{fault.name.upper()}: {fault.sentence}" for fault in faults(in_force(row))],
    }
    return TemplateResponse(
        request,
        "admin/network_settings.html",
        context,
        status=422 if form is not None and form.is_bound else 200,
    )


def _save(form: SettingsForm, request: HttpRequest, row: NetworkSettings) -> tuple[SettingsForm, bool]:
    """The form to show, and whether there is nothing more to do with it."""
    if form.data.get("seen") != str(row.version):
        return _told(form, request, row)
    if not form.is_valid():
        return form, False
    if not form.chosen and not form.given_up:
        messages.info(request, _("Nothing was changed."))
        return form, True
    try:
        change_settings(
            chosen=form.chosen,
            given_up=form.given_up,
            seen=row.version,
            actor=cast("User", request.user),
            now=timezone.now(),
        )
    except ChangedMeanwhile as changed:
        return _told(form, request, changed.current)
    messages.success(request, SAVED)
    return form, True


def _told(form: SettingsForm, request: HttpRequest, row: NetworkSettings) -> tuple[SettingsForm, bool]:
    """What was typed, with who changed what in the meantime; unless that is just what was typed: sent twice."""
    again = form.again(row)
    if again.is_valid() and not again.chosen and not again.given_up:
        messages.success(request, SAVED)
        return again, True
    told = _(
        "%(who)s changed these settings at %(when)s: %(what)s. What you typed still stands here, and is not saved."
    )
    facts = {
        "who": row.changed_by,
        "when": date_format(timezone.localtime(row.changed_at), "TIME_FORMAT"),
        "what": ", ".join(map(label_of, form.changed_by_others(again))) or NOTHING,
    }
    again.add_error(None, told % facts)
    return again, False


def _line(setting: Setting, row: NetworkSettings, form: SettingsForm | None) -> Line:
    name = setting.name.lower()
    if setting.why_fixed:
        return Line(
            setting=setting,
            label=str(capfirst(setting.label)),
            value=_said(setting, getattr(settings, setting.name)),
        )
    return Line(
        setting=setting,
        label=label_of(name),
        value=_said(setting, in_force(row)[name]),
        is_set_here=getattr(row, name) is not None,
        in_the_environment=_said(setting, in_the_environment(name)),
        field=_field(setting, form) if form is not None else None,
        back=form[BACK + name] if form is not None and BACK + name in form.fields else None,
    )


def _field(setting: Setting, form: SettingsForm) -> BoundField:
    field = form[setting.name.lower()]
    field.help_text = setting.effect  # its place on the page is beside the field, which refers to it
    return field


def _said(setting: Setting, value: Any) -> str:
    match value:
        case bool():
            return gettext("yes") if value else gettext("no")
        case int() if setting.unit == "day":
            return ngettext("%d day", "%d days", value) % value
        case int() if setting.unit == "hour":
            return ngettext("%d hour", "%d hours", value) % value
        case list() | tuple():
            return ", ".join(map(str, value)) or NOTHING
        case str() if setting.name == "SELLER_COUNTRY":
            return country_name(value)
        case _:
            return str(value) or NOTHING
