"""The webhook inbox: what the gateway told us, what became of it, and a way to try again."""

import json
import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, ClassVar, Final

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from memberships.admin import colours, dry_run
from memberships.models import InboundEvent
from memberships.tasks import handle_inbound_event
from memberships.webhooks import inbox
from memberships.webhooks.registry import kinds
from products.admin.base import NOTHING, Admin, DateRange, ReadOnly, action, display, is_list, state_badge
from products.admin.within import within

SOON = timedelta(minutes=1)  # an event in the queue is handled within this
REST_OF_UUID: Final = re.compile(r"(?<=\b[0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")


class KindFilter(admin.SimpleListFilter):
    """The kinds that something is done for."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        return [(kind, kind) for kind in sorted(kinds())]

    def queryset(self, _request: HttpRequest, events: QuerySet[InboundEvent]) -> QuerySet[InboundEvent]:
        return events.filter(kind=self.value()) if self.value() else events


class ToLookAt(admin.SimpleListFilter):
    """What the state alone does not tell."""

    title = _("to look at")
    parameter_name = "look"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("waits for longer than a minute")),
            ("given_up", _("failed, and is not tried again")),
            ("again", _("took more than one attempt")),
        ]

    def queryset(self, _request: HttpRequest, events: QuerySet[InboundEvent]) -> QuerySet[InboundEvent]:
        match self.value():
            case "waiting":
                before = timezone.now() - SOON
                return events.filter(state=InboundEvent.State.RECEIVED, received_at__lt=before)
            case "given_up":
                failed = events.filter(state=InboundEvent.State.FAILED)
                return failed.filter(attempts__gte=inbox.MOST_ATTEMPTS)
            case "again":
                return events.filter(attempts__gt=1)
            case _:
                return events


@admin.register(InboundEvent)
class InboundEventAdmin(ReadOnly, Admin[InboundEvent]):
    list_display = ("received_at", "event", "state_label", "short_effect", "attempts", "source")
    list_filter = ("state", ToLookAt, KindFilter, within("received_at"), ("received_at", DateRange))
    search_fields = ("external_id", "object_id", "kind")
    fields = (
        *("kind", "state_label", "effect", "error", "attempts", "received_at", "handled_at"),
        *("source", "external_id", "object_id", "pretty_payload"),
    )
    readonly_fields = fields
    actions = ("replay",)
    actions_detail: ClassVar[tuple[str, ...]] = ("dry_run",)
    change_form_outer_after_template = "admin/memberships/replay.html"

    state_label = state_badge(colours.EVENT)

    def get_queryset(self, request: HttpRequest) -> QuerySet[InboundEvent]:
        events = super().get_queryset(request)
        return events.defer("payload") if is_list(request) else events

    @display(description=_("event"), ordering="kind", header=True)
    def event(self, event: InboundEvent) -> tuple[str, str]:
        return event.kind, event.external_id

    @display(description=_("effect"))
    def short_effect(self, event: InboundEvent) -> str:
        """Each thing in it by the first eight digits of its name: a list is no place for more."""
        return REST_OF_UUID.sub("\N{HORIZONTAL ELLIPSIS}", event.effect) or NOTHING

    @display(description=_("payload"))
    def pretty_payload(self, event: InboundEvent) -> SafeString:
        pretty = json.dumps(event.payload, indent=2, ensure_ascii=False, sort_keys=True)
        return format_html('<pre class="overflow-x-auto text-xs whitespace-pre">{}</pre>', pretty)

    def has_replay_permission(self, request: HttpRequest, _object_id: str | None = None) -> bool:
        return request.user.has_perm("memberships.change_inboundevent")

    @admin.action(description=_("Replay: handle again"), permissions=["replay"])
    def replay(self, request: HttpRequest, events: QuerySet[InboundEvent]) -> None:
        self.replay_these(request, events.defer("payload"))

    @action(
        description=_("Dry run: what would it do?"),
        url_path="dry-run",
        permissions=["replay"],
        icon="preview",
    )
    def dry_run(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return dry_run.page(self, request, object_id)

    def replay_these(self, request: HttpRequest, events: Iterable[InboundEvent]) -> None:
        """Have them handled again, with who wanted it in each one's history."""
        chosen = list(events)
        inbox.replay([event.pk for event in chosen])
        for event in chosen:
            self.log_change(request, event, gettext("replayed"))
            handle_inbound_event.enqueue(event_id=event.pk)
        count = len(chosen)
        sentence = ngettext("%s event is being handled again.", "%s events are being handled again.", count)
        messages.success(request, sentence % count)
