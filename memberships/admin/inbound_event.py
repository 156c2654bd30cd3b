"""The webhook inbox: what the gateway told us, what became of it, and a way to try again."""

import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from memberships.admin import colours
from memberships.models import InboundEvent
from memberships.tasks import handle_inbound_event
from memberships.webhooks import inbox
from products.admin.base import Admin, DateRange, ReadOnly, display, is_list, state_badge


@admin.register(InboundEvent)
class InboundEventAdmin(ReadOnly, Admin[InboundEvent]):
    list_display = ("received_at", "kind", "state_label", "effect", "attempts", "external_id", "source")
    list_filter = ("state", ("received_at", DateRange))
    search_fields = ("external_id", "object_id", "kind")
    fields = (
        *("kind", "state_label", "effect", "error", "attempts", "received_at", "handled_at"),
        *("source", "external_id", "object_id", "pretty_payload"),
    )
    readonly_fields = fields
    actions = ("replay",)
    change_form_outer_after_template = "admin/memberships/replay.html"

    state_label = state_badge(colours.EVENT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundEvent]:
        events = super().get_queryset(request)
        return events.defer("payload") if is_list(request) else events

    @display(description=_("payload"))
    def pretty_payload(self, event: InboundEvent) -> SafeString:
        pretty = json.dumps(event.payload, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html('<pre class="overflow-x-auto text-xs whitespace-pre">{}</pre>', pretty)

    def has_replay_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("memberships.change_inboundevent")

    @admin.action(description=_("Replay: handle again"), permissions=["replay"])
    def replay(self, request: HttpRequest, events: QuerySet[InboundEvent]) -> None:
        chosen = list(events.values_list("pk", flat=True))
        inbox.replay(chosen)
        for event_id in chosen:
            handle_inbound_event.enqueue(event_id=event_id)
        count = len(chosen)
        sentence = ngettext("%s event is being handled again.", "%s events are being handled again.", count)
        messages.success(request, sentence % count)
