"""Every event that an endpoint can be told of, by its type. The database writes them: see migration 0001."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

TEST: Final = "endpoint.test"  # asked for by somebody, so nobody subscribes to it

EVENTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "membership.changed": _("A membership was changed, or a change was planned or taken back"),
        "membership.renewed": _("A membership was renewed"),
        "membership.trialing": _("A trial began"),
        "membership.activated": _("A membership became active"),
        "membership.past_due": _("A membership's payment became overdue"),
        "membership.expired": _("A membership expired unpaid"),
        "membership.cancelled": _("A membership ended"),
        "order.placed": _("An order was placed"),
        "order.fulfilled": _("An order took effect"),
        "order.credited": _("An order was paid too late and credited"),
        "order.expired": _("An order expired unpaid"),
        "order.cancelled": _("An order was cancelled"),
        "order.undone": _("An order was undone"),
        "invoice.issued": _("An invoice was issued"),
        "credit_note.issued": _("A credit note was issued"),
        "payment.opened": _("A payment was asked for"),
        "payment.failed": _("A try to collect a payment failed"),
        "payment.paid": _("A payment arrived"),
        "payment.closed": _("A payment was closed unpaid"),
        "refund.succeeded": _("A refund was given"),
        "refund.failed": _("A refund failed"),
        "site.created": _("A site was asked for"),
        "site.ready": _("A site became ready"),
        "site.failed": _("A site could not be made"),
        "site.recycled": _("A site went into the recycle bin"),
        "site.erased": _("A site was erased"),
        "domain.claimed": _("A domain was claimed"),
        "domain.proven": _("A domain was proven"),
        "domain.activated": _("A domain began to lead to its site"),
        "domain.parked": _("A domain was parked"),
        "domain.released": _("A domain was given up"),
    }
)
