"""Absolute addresses come from settings and stored names."""

import uuid

import pytest

from sites import addresses
from sites.checks import (
    hosts_are_apart,
    names_of_peoples_own_can_lead_here,
    registrable,
    sites_run_alone,
)

UID = uuid.UUID(int=1)


@pytest.mark.parametrize(
    ("scheme", "port", "url"),
    [
        ("http", "8000", "http://a.sites.localhost:8000/"),
        ("http", "80", "http://a.sites.localhost/"),
        ("https", "443", "https://a.sites.localhost/"),
        ("https", "", "https://a.sites.localhost/"),
    ],
)
def test_a_sites_address_carries_a_port_only_when_it_must(settings, scheme: str, port: str, url: str) -> None:
    settings.SITES_SCHEME, settings.SITES_ORIGIN_PORT = scheme, port
    assert addresses.site_url(addresses.site_host("a")) == url


def test_the_networks_addresses(settings) -> None:
    settings.NETWORK_ORIGIN = "https://my.network.example"
    assert addresses.account_url(UID) == f"https://my.network.example/account/{UID}/"
    assert addresses.change_url(UID) == f"https://my.network.example/account/{UID}/change/"
    assert addresses.upgrade_url(UID) == f"https://my.network.example/sites/{UID}/upgrade/"
    assert addresses.enter_url(UID) == f"https://my.network.example/sites/{UID}/enter/"
    assert "my.network.example" in addresses.network_hosts()


def test_the_networks_addresses_are_those_of_its_urls(settings) -> None:
    from django.urls import reverse

    named = [
        (addresses.enter_url, "sites:enter"),
        (addresses.upgrade_url, "sites:upgrade"),
        (addresses.account_url, "checkout:account"),
        (addresses.change_url, "checkout:change"),
    ]
    for address, name in named:
        path = reverse(name, urlconf="config.urls_network", kwargs={"uid": UID})
        assert address(UID) == f"{settings.NETWORK_ORIGIN}{path}"


def ids(messages) -> list[str]:
    return [message.id for message in messages]


@pytest.mark.parametrize(
    ("network", "sites_domain", "environment", "found"),
    [
        ("https://network.example", "sites.network.example", "production", ["sites.E004"]),
        ("https://my.network.example", "network.example", "production", ["sites.E004"]),
        ("https://network.example", "othersites.example", "production", []),
        ("http://localhost:8000", "sites.localhost", "demo", []),
    ],
)
def test_equal_registrable_domains_are_refused_in_production(
    settings, network: str, sites_domain: str, environment: str, found: list[str]
) -> None:
    settings.NETWORK_ORIGIN, settings.SITES_DOMAIN, settings.ENVIRONMENT = network, sites_domain, environment
    assert ids(hosts_are_apart()) == found


def test_another_engine_public_in_the_path_and_a_pooler_are_refused(
    settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ids(sites_run_alone()) == []
    settings.EXTENSION_SCHEMAS = ["public"]
    for key, value in {"ENGINE": "django_tenants.postgresql_backend", "PORT": "6432", "HOST": "db"}.items():
        monkeypatch.setitem(settings.DATABASES["default"], key, value)
    assert ids(sites_run_alone()) == ["sites.E001", "sites.E002", "sites.E003"]
    settings.DATABASE_POOLER_KEEPS_SESSIONS = True
    assert ids(sites_run_alone()) == ["sites.E001", "sites.E002"]


@pytest.mark.parametrize(
    ("environment", "ours", "found"),
    [
        ("production", [], ["sites.W002"]),
        ("production", ["203.0.113.10"], []),
        ("demo", [], []),
    ],
)
def test_a_real_network_is_warned_when_it_does_not_know_its_own_addresses(
    settings, environment: str, ours: list[str], found: list[str]
) -> None:
    settings.ENVIRONMENT, settings.SITES_ADDRESSES = environment, ours
    assert ids(names_of_peoples_own_can_lead_here()) == found


def test_the_registrable_part_is_the_last_two_labels() -> None:
    assert registrable("a.b.Example.org.") == "example.org"
