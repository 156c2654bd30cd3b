"""What the network does about too much: decided by kind, and seen site by site."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from products.admin.base import Admin, Inline, ReadOnly, display
from products.limits import Kind
from products.models.limit import LABELS
from sites.entitlements import amount_text
from sites.kinds.base import registry
from sites.models import OverLimit, OverLimitPolicy
from sites.models.over_limit import POLICIES
from sites.operations.over_limit import policies_in_force
from sites.policies.over_limit import Policy


class PolicyForm(forms.ModelForm):  # type: ignore[type-arg]  # Django cannot be asked at run time
    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        kind, policy = cleaned.get("kind"), cleaned.get("policy")
        if kind and policy and Policy(policy) not in registry[Kind(kind)].policies:
            self.add_error("policy", _("This cannot be done with this limit."))
        return cleaned


@admin.register(OverLimitPolicy)
class OverLimitPolicyAdmin(Admin[OverLimitPolicy]):
    """Rows say what differs from what the kinds themselves say; above them stands what holds."""

    form = PolicyForm
    list_display = ("kind", "policy")
    list_before_template = "admin/sites/policies_in_force.html"

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "in_force": _in_force()})


class OverLimitInline(ReadOnly, Inline[OverLimit]):
    model = OverLimit
    fields = ("kind", "policy", "too_much", "since", "notice_at", "ended_at")
    readonly_fields = fields
    ordering = ("-id",)
    tab = True

    @display(description=_("too much"))
    def too_much(self, over: OverLimit) -> str:
        return amount_text(Kind(over.kind), over.excess)


def _in_force() -> dict[str, list[Any]]:
    """A table of every kind, and what becomes of too much of it."""
    words = dict(POLICIES)
    rows = [[LABELS[kind], words[policy.value]] for kind, policy in policies_in_force().items()]
    return {"headers": [_("limit"), _("what becomes of too much")], "rows": rows}
