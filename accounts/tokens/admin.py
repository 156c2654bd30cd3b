from typing import Any, ClassVar

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.admin import ModelAdmin

from accounts.secrecy import KeepsSecrets
from accounts.tokens.models import ApiToken
from accounts.tokens.operations import revoke_token


@admin.register(ApiToken)
class ApiTokenAdmin(KeepsSecrets, ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    """Who lets programs in. People make their tokens themselves; here they can be revoked."""

    secrets: ClassVar[frozenset[str]] = frozenset({"digest"})
    list_display = ("name", "user", "prefix", "may", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("user",)
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    search_fields = ("uid", "name", "prefix", "user__email")
    search_help_text = _("Identifier, name, first characters or the user's e-mail address")
    fields = (
        *("name", "user", "prefix", "may", "uid"),
        *("created_at", "last_used_at", "expires_at", "revoked_at"),
    )
    readonly_fields = fields
    actions = ("revoke",)

    def has_add_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("tokens.change_apitoken")

    @admin.display(description=_("may"))
    def may(self, token: ApiToken) -> str:
        return ", ".join(token.scopes)

    @admin.action(description=_("Revoke: it opens nothing any more"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        count = sum(revoke_token(token=token, now=timezone.now()) for token in tokens)
        sentence = ngettext("%s token was revoked.", "%s tokens were revoked.", count)
        messages.success(request, sentence % count)
