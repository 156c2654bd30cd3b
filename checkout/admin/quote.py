import json
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from checkout.models import Quote
from products.admin.base import NOTHING, Admin, DateRange, ReadOnly, display
from products.money_display import format_money


@admin.register(Quote)
class QuoteAdmin(ReadOnly, Admin[Quote]):
    """A price that was promised: what went into it and what came out."""

    list_display = ("as_of", "membership", "kind", "due", "user", "expires_at")
    list_filter = (("as_of", DateRange),)
    search_fields = ("uid", "membership__customer__user__email")
    fields = (
        *("membership", "user", "kind", "due", "as_of", "expires_at", "revision", "uid"),
        *("pretty_picks", "pretty_scenario", "pretty_result"),
    )
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Quote]:
        return super().get_queryset(request).select_related("membership__customer__user", "user")

    @display(description=_("kind"))
    def kind(self, quote: Quote) -> str:
        return str(quote.result.get("kind", NOTHING))

    @display(description=_("due today"))
    def due(self, quote: Quote) -> str:
        due = quote.result.get("due_now")
        return NOTHING if due is None else format_money(due, quote.membership.currency)

    @display(description=_("picks"))
    def pretty_picks(self, quote: Quote) -> SafeString:
        return pretty(quote.picks)

    @display(description=_("what it was computed from"))
    def pretty_scenario(self, quote: Quote) -> SafeString:
        return pretty(quote.scenario)

    @display(description=_("what came out"))
    def pretty_result(self, quote: Quote) -> SafeString:
        return pretty(quote.result)


def pretty(value: Any) -> SafeString:
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return format_html('<pre class="overflow-x-auto text-xs whitespace-pre">{}</pre>', text)
