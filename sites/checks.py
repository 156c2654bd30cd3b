"""System checks of the tenancy: unsafe set-ups do not start."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DatabaseError, connection

ENGINE = "sites.postgresql"
POOLER_PORT = "6432"  # where PgBouncer listens when nobody says otherwise
PUBLIC_SUFFIX_LABELS = 2


@register(Tags.database)
def sites_run_alone(**_kwargs: Any) -> list[CheckMessage]:
    """A site's search path holds no other schema, and stays on its own server session."""
    problems: list[CheckMessage] = []
    database = settings.DATABASES["default"]
    if database["ENGINE"] != ENGINE:
        problems.append(
            Error(
                f"The database engine is {database['ENGINE']}: sites would read the network's tables.",
                hint=f'Set ENGINE to "{ENGINE}".',
                id="sites.E001",
            )
        )
    if "public" in settings.EXTENSION_SCHEMAS:
        problems.append(
            Error(
                "EXTENSION_SCHEMAS contains public: sites would read the network's tables.",
                hint="Keep extensions in a schema of their own.",
                id="sites.E002",
            )
        )
    pooled = str(database.get("PORT")) == POOLER_PORT or "pgbouncer" in str(database.get("HOST", "")).lower()
    if pooled and not getattr(settings, "DATABASE_POOLER_KEEPS_SESSIONS", False):
        problems.append(
            Error(
                "The database looks like a pooler: in transaction mode, sites would mix.",
                hint="Connect to PostgreSQL, or pool by session and set DATABASE_POOLER_KEEPS_SESSIONS.",
                id="sites.E003",
            )
        )
    return problems


@register(Tags.security)
def hosts_are_apart(**_kwargs: Any) -> list[CheckMessage]:
    """In production a site cannot set cookies for the network's host: they share no registrable domain."""
    network = urlsplit(settings.NETWORK_ORIGIN).hostname or ""
    if settings.ENVIRONMENT == "production" and registrable(network) == registrable(settings.SITES_DOMAIN):
        return [
            Error(
                f"{network} and {settings.SITES_DOMAIN} share a registrable domain.",
                hint="Give the sites a domain of their own: a site could set the network's cookies.",
                id="sites.E004",
            )
        ]
    return []


@register(Tags.database, deploy=True)
def a_template_is_there(**_kwargs: Any) -> list[CheckMessage]:
    """New sites are quick when their template was built with the deployment."""
    from sites.models import SiteTemplate
    from sites.operations.site_migrations import fingerprint

    try:
        found = SiteTemplate.objects.filter(fingerprint=fingerprint()).exists()
    except DatabaseError:
        found = False
    finally:
        connection.close()
    if found:
        return []
    return [
        checks.Warning(
            "There is no site template for these migrations; the first new site waits for it.",
            hint="Run manage.py build_site_template after migrating.",
            id="sites.W001",
        )
    ]


@register(deploy=True)
def names_of_peoples_own_can_lead_here(**_kwargs: Any) -> list[CheckMessage]:
    """A name without any part before it, such as example.com, cannot be an alias: it must lead to an address."""
    if settings.ENVIRONMENT != "production" or settings.SITES_ADDRESSES:
        return []
    return [
        checks.Warning(
            "SITES_ADDRESSES is empty: of people's own names only aliases (CNAME) are known to lead here.",
            hint="Set SITES_ADDRESSES to the public addresses of the proxy.",
            id="sites.W002",
        )
    ]


def registrable(host: str) -> str:
    """The part of `host` that its owner registered, taken as its last two labels.

    Too short for domains like `co.uk`, which makes the check stricter than needed there, never laxer.
    """
    return ".".join(host.lower().rstrip(".").split(".")[-PUBLIC_SUFFIX_LABELS:])
