"""Absolute addresses across hosts, built from settings and stored names, never from what a request says. Pure
but for settings.

The network's paths stand here because a site's request cannot reverse them: they belong to another host and
other apps.
"""

import uuid
from urllib.parse import urlsplit

from django.conf import settings


def network_hosts() -> frozenset[str]:
    """The host names, without port, that answer with the network."""
    origin = urlsplit(settings.NETWORK_ORIGIN).hostname
    return frozenset({*getattr(settings, "NETWORK_HOSTS", ()), *([origin] if origin else [])})


def networks_own() -> frozenset[str]:
    """The hosts that no customer can have, nor any under them: the network's, and the one that holds the sites."""
    return network_hosts() | {settings.SITES_DOMAIN}


def account_url(membership_uid: uuid.UUID) -> str:
    return f"{settings.NETWORK_ORIGIN}/account/{membership_uid}/"


def parked_url(membership_uid: uuid.UUID) -> str:
    """Where the owner sees what is parked in the sites of a membership."""
    return f"{account_url(membership_uid)}parked/"


def change_url(membership_uid: uuid.UUID) -> str:
    return f"{settings.NETWORK_ORIGIN}/account/{membership_uid}/change/"


def upgrade_url(site_uid: uuid.UUID) -> str:
    """Where anybody who works on a site goes for more room, also who may not change its plan."""
    return f"{settings.NETWORK_ORIGIN}/sites/{site_uid}/upgrade/"


def enter_url(site_uid: uuid.UUID) -> str:
    """Where the owner of a site goes, on the network, to enter its dashboard."""
    return f"{settings.NETWORK_ORIGIN}/sites/{site_uid}/enter/"


def people_url(site_uid: uuid.UUID) -> str:
    """Where the owner of a site says, on the network, who else works on it."""
    return f"{settings.NETWORK_ORIGIN}/sites/{site_uid}/people/"


def desk_url(site_id: int) -> str:
    """A site's page in the network admin."""
    return f"{settings.NETWORK_ORIGIN}/admin/sites/site/{site_id}/change/"


def invitation_url(token: str) -> str:
    """Where somebody who was invited to a site accepts."""
    return f"{settings.NETWORK_ORIGIN}/invitations/{token}/"


def site_host(slug: str) -> str:
    return f"{slug}.{settings.SITES_DOMAIN}"


def site_url(host: str) -> str:
    """The home page at `host`, with the port people use from outside when it is not the scheme's own."""
    return f"{site_origin(host)}/"


def site_origin(host: str) -> str:
    port = str(settings.SITES_ORIGIN_PORT)
    usual = {"http": "80", "https": "443"}[settings.SITES_SCHEME]
    return f"{settings.SITES_SCHEME}://{host}" + ("" if port in {"", usual} else f":{port}")
