"""A change in one sentence, for bills, orders and history. One place, so that all of them say the same."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from products.date_display import day

HEADLINES = {
    "new": gettext_noop("Started %(to)s"),
    "trial": gettext_noop("Started a trial of %(to)s"),
    "imported": gettext_noop("Moved to this network with %(to)s"),
    "reactivation": gettext_noop("Came back with %(to)s"),
    "upgrade": gettext_noop("Upgraded %(from)s → %(to)s"),
    "downgrade": gettext_noop("Downgraded %(from)s → %(to)s"),
    "addon": gettext_noop("Added %(to)s"),
    "removal": gettext_noop("Removed %(from)s"),
    "mixed": gettext_noop("Changed packages: %(to)s"),
    "trial_change": gettext_noop("Changed the trial to %(to)s"),
    "renewal": gettext_noop("Renewed %(to)s"),
    "scheduled": gettext_noop("Changed %(from)s → %(to)s"),
    "extended": gettext_noop("Extended until %(to)s"),
    "transferred": gettext_noop("Passed on from %(from)s to %(to)s"),
    "price_change": gettext_noop("Announced a new price of %(to)s"),
    "price_stays": gettext_noop("Called off the new price of %(to)s"),
    "undone": gettext_noop("Undid the change to %(from)s"),
    "undo": gettext_noop("Took back %(to)s"),  # documents, named by the one they correct
    "refund": gettext_noop("Refund of %(to)s"),
}


def headline(*, kind: str, came_from: str, went_to: str) -> str:
    """The sentence in the active language. An unknown kind shows itself.

    A renewal with which a scheduled change took effect is told as that change. An extension leads to a day, as ISO 8601
    writes it.
    """
    if kind == "extended":
        went_to = day(datetime.fromisoformat(went_to))
    if kind == "renewal" and came_from != went_to:
        kind = "scheduled"
    return str(_(HEADLINES.get(kind, kind))) % {"from": came_from, "to": went_to}


def intent(*, kind: str, came_from: str, went_to: str) -> str:
    """A change that has not happened yet: “Upgrade to Premium”."""
    if kind in {"upgrade", "downgrade"} and came_from == went_to:
        return _("Change the billing period of %(to)s") % {"to": went_to}
    sentences = {
        "upgrade": _("Upgrade to %(to)s"),
        "downgrade": _("Downgrade to %(to)s"),
        "addon": _("Add %(to)s"),
        "removal": _("Remove %(from)s"),
        "mixed": _("Change packages: %(to)s"),
        "new": _("Start %(to)s"),
        "trial": _("Try %(to)s"),
        "trial_change": _("Change the trial to %(to)s"),
        "reactivation": _("Come back with %(to)s"),
        "renewal": _("Renew %(to)s") if came_from == went_to else _("Change to %(to)s"),
    }
    return sentences.get(kind, _("Change to %(to)s")) % {"from": came_from, "to": went_to}


def line_label(*, type: str, product: str, quantity: int) -> str:  # noqa: A002 -- the kernel's own word for it
    """What a line of a price or a bill is called, in the active language."""
    name = f"{quantity} × {product}" if quantity > 1 else product
    match type:
        case "credit":
            return _("Credit for unused time: %(product)s") % {"product": name}
        case "setup_fee":
            return _("Setup fee: %(product)s") % {"product": name}
        case _:
            return name
