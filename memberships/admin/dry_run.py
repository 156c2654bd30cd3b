"""What replaying an event would do, as a table. Nothing happens until the button is pressed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from memberships.models import InboundEvent
from memberships.webhooks.dry_run import DryRun, dry_run
from products.admin.asking import NothingToChoose, ask, the_row
from products.admin.base import NOTHING, Admin, badge

ASKED = {
    "charge": gettext_lazy("charge the saved card"),
    "refund": gettext_lazy("give money back"),
    "close": gettext_lazy("close what waits for the customer"),
    "open_hosted_page": gettext_lazy("open a page to pay on"),
    "open_card_page": gettext_lazy("open a page to save a card on"),
    "create_customer": gettext_lazy("register the customer"),
}


def page(model_admin: Admin[Any], request: HttpRequest, object_id: str) -> HttpResponse:
    """GET asks the gateway what it knows and changes nothing. POST replays."""
    event: InboundEvent = the_row(model_admin, request, object_id)
    form = NothingToChoose(request.POST or None)
    if form.is_valid():
        model_admin.replay_these(request, [event])  # type: ignore[attr-defined]  # InboundEventAdmin's
        return redirect("admin:memberships_inboundevent_change", event.pk)
    told = dry_run(event=event, now=timezone.now())
    return ask(
        model_admin, request, event, form=form, title=_("Dry run"), warning=_warning(told),
        button=_("Replay: handle this event again"),
        facts=[
            (_("event"), event),
            (_("state"), event.get_state_display()),
            (_("what it did"), event.effect or NOTHING),
            (_("what it would do now"), told.effect or _("Nothing: it concerns nothing of ours, or fails.")),
        ],
        template="admin/memberships/dry_run.html", table=_table(told),
    )  # fmt: skip


def _warning(told: DryRun) -> str:
    if told.asked:
        what = ", ".join(str(ASKED.get(each, each)) for each in dict.fromkeys(told.asked))
        return _("The gateway would be asked to do something, which a dry run leaves alone: %s.") % what
    return _("It would fail: %s") % told.error if told.error else ""


def _table(told: DryRun) -> dict[str, Any]:
    rows = [
        [
            change.kind,
            change.row,
            change.was or badge(_("new"), "success"),
            change.becomes or NOTHING,
        ]
        for change in told.changes
    ]
    return {"headers": [_("row"), "", _("now"), _("afterwards")], "rows": rows}
