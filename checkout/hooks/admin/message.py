"""What endpoints were told: each message, each try, and sending it again."""

import json

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from checkout.hooks import tasks
from checkout.hooks.models import Delivery, Message
from checkout.hooks.operations import send_again
from products.admin.base import Admin, DateRange, Inline, ReadOnly, display, state_badge

COLOURS = {Message.State.WAITING: "warning", Message.State.TAKEN: "success", Message.State.GIVEN_UP: "danger"}


class DeliveryInline(ReadOnly, Inline[Delivery]):
    model = Delivery
    fields = ("at", "status", "milliseconds", "error", "excerpt")
    readonly_fields = fields


@admin.register(Message)
class MessageAdmin(ReadOnly, Admin[Message]):
    list_display = ("occurred_at", "what", "endpoint", "state_label", "tries", "next_try_at")
    list_select_related = ("endpoint",)
    list_filter = ("state", "endpoint", "type", ("occurred_at", DateRange))
    search_fields = ("uid", "type", "data__id", "data__membership")
    search_help_text = _("Identifier of the message, of what it is about, or of the membership; or the event")
    fields = ("type", "state_label", "endpoint", "occurred_at", "tries", "next_try_at", "webhook_id", "sent")
    readonly_fields = fields
    inlines = (DeliveryInline,)
    actions = ("send_again",)
    change_form_outer_after_template = "admin/checkout/hook_again.html"

    state_label = state_badge(COLOURS)

    @display(description=_("event"), ordering="type", header=True)
    def what(self, message: Message) -> tuple[str, str]:
        return message.label, message.type

    @display(description="webhook-id")
    def webhook_id(self, message: Message) -> str:
        return message.name

    @display(description=_("sent"))
    def sent(self, message: Message) -> SafeString:
        pretty = json.dumps(json.loads(message.body), indent=2, ensure_ascii=False)
        return format_html('<pre class="overflow-x-auto text-xs whitespace-pre">{}</pre>', pretty)

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("hooks.change_endpoint")

    @admin.action(description=_("Send again"), permissions=["send"])
    def send_again(self, request: HttpRequest, chosen: QuerySet[Message]) -> None:
        before = Message.objects.filter(pk__in=list(chosen.values_list("pk", flat=True)))
        waiting = before.filter(state=Message.State.WAITING).count()
        for endpoint_id in send_again(messages=before, now=timezone.now()):
            tasks.deliver_due.enqueue(endpoint_id=endpoint_id)
        count = before.filter(state=Message.State.WAITING).count() - waiting
        if count:
            sentence = ngettext("%s message is sent again.", "%s messages are sent again.", count)
            messages.success(request, sentence % count)
        if count < before.count():
            messages.info(
                request,
                _("What waits already, test messages, and those to a disabled endpoint are left alone."),
            )
