from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.secrecy import KeepsSecrets
from products.admin.base import Admin, DateRange, ReadOnly, state_badge
from sites.models import Domain, DomainClaim
from sites.operations.domains import free_domain

CLAIM_COLOURS: dict[Any, str] = {
    DomainClaim.State.WAITING: "warning",
    DomainClaim.State.PROVEN: "info",
    DomainClaim.State.ACTIVE: "success",
    DomainClaim.State.PARKED: "warning",
    DomainClaim.State.RESTING: "danger",
}


@admin.register(Domain)
class DomainAdmin(ReadOnly, Admin[Domain]):
    list_display = ("domain", "tenant", "is_primary", "created_at")
    list_select_related = ("tenant",)
    list_filter = ("is_primary", ("created_at", DateRange))
    search_fields = ("domain", "tenant__name")


@admin.register(DomainClaim)
class DomainClaimAdmin(ReadOnly, KeepsSecrets, Admin[DomainClaim]):
    """Every name on its way, in use and at rest. A name that has changed hands can be given free here."""

    secrets: ClassVar[frozenset[str]] = frozenset({"token"})
    list_display = ("domain", "state_label", "site", "held_elsewhere", "checked_at", "rests_until")
    list_filter = ("state", "held_elsewhere", ("created_at", DateRange))
    search_fields = ("domain", "site__name", "membership__customer__user__email")
    fields = (
        *("domain", "state_label", "site", "membership", "held_elsewhere", "seen", "proof_name"),
        *("created_at", "checked_at", "proven_at", "active_at", "rests_until"),
    )
    readonly_fields = fields
    actions = ("free",)

    state_label = state_badge(CLAIM_COLOURS)

    def get_queryset(self, request: HttpRequest) -> QuerySet[DomainClaim]:
        return super().get_queryset(request).select_related("site", "membership__customer__user")

    def has_free_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("sites.delete_domainclaim"))

    @admin.action(
        description=_("Take it off its site and let whoever proves it have it"), permissions=["free"]
    )
    def free(self, request: HttpRequest, claims: QuerySet[DomainClaim]) -> None:
        count = 0
        for claim in claims:
            free_domain(claim=claim)
            count += 1
        sentence = ngettext("%s name is free.", "%s names are free.", count)
        messages.success(request, sentence % count)
