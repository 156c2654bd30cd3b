"""What each role of the network's staff may do: one table, which becomes Django's groups whenever `migrate` has run.

Everybody who has a role sees the network; what a role may do is named one by one, so that what comes new is the
owners' until it stands here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.db.models import QuerySet

from accounts.staff.models import Role

OURS: Final = frozenset({"accounts", "products", "memberships", "sites", "checkout"})
KEYS: Final = frozenset(
    {
        *("staff.view_staffmember", "staff.view_staffaction", "staff.view_staffchange", "auth.view_group"),
        *("tokens.view_apitoken", "hooks.view_endpoint", "hooks.view_message", "hooks.view_delivery"),
    }
)
"""Who works here, what they did, and what lets programs in and out: not for everybody who has a role."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """What a role may do, by the full names of permissions, and whether it sees the network's keys, too."""

    may: frozenset[str] = frozenset()
    sees_keys: bool = False


GRANTS: Final[Mapping[Role, Grants]] = MappingProxyType(
    {
        Role.SUPPORT: Grants(
            may=frozenset(
                {
                    "checkout.add_order",
                    "memberships.add_limitoverride",
                    "memberships.add_membershiptransfer",
                    "memberships.add_note",
                    "memberships.add_periodextension",
                    "memberships.add_walletentry",
                    "memberships.change_customer",
                    "memberships.change_membership",
                    "memberships.change_notice",
                    "sites.care_for_sites",
                    "sites.change_site",
                    "sites.delete_domainclaim",
                    "sites.visit_as_owner",
                }
            )
        ),
        Role.FINANCE: Grants(
            may=frozenset(
                {
                    "checkout.change_order",
                    "memberships.add_note",
                    "memberships.add_receipt",
                    "memberships.add_refund",
                    "memberships.add_walletentry",
                    "memberships.change_customer",
                    "memberships.change_inboundevent",
                    "products.add_discount",
                    "products.change_discount",
                    "products.add_taxrate",
                    "products.change_taxrate",
                }
            )
        ),
        Role.READ_ONLY: Grants(sees_keys=True),
    }
)
"""Owners have every permission there is."""


def settle_roles() -> None:
    """Bring the four roles to what stands above. Roles that a network made for itself are left alone. Needs the
    permissions, which Django writes when `migrate` ends."""
    every = {_name(each): each for each in network_permissions()}
    with transaction.atomic():
        for role in Role:
            group, _new = Group.objects.get_or_create(name=role.value)
            group.permissions.set(every[name] for name in _granted(role, frozenset(every)))


def network_permissions() -> QuerySet[Permission]:
    """The permissions for what is the network's, and not a site's."""
    labels = {
        config.label
        for config in apps.get_app_configs()
        if config.name in settings.SHARED_APPS and _is_ours(config.name)
    }
    return (
        Permission.objects.filter(content_type__app_label__in=labels | {"auth"})
        .exclude(content_type__app_label="auth", content_type__model="permission")
        .select_related("content_type")
    )


def _is_ours(app: str) -> bool:
    return app.partition(".")[0] in OURS


def _granted(role: Role, every: frozenset[str]) -> Iterable[str]:
    """The names of what `role` may do, of those that there are."""
    if role == Role.OWNER:
        return every
    grants = GRANTS[role]
    sees = {name for name in every if name.partition(".")[2].startswith("view_")}
    return (sees if grants.sees_keys else sees - KEYS) | (grants.may & every)


def _name(permission: Permission) -> str:
    return f"{permission.content_type.app_label}.{permission.codename}"
