"""A real Caddy asks us before it makes a certificate, and then hands visitors through."""

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from products.limits import Kind
from sites.models import Domain
from sites.operations.domains import claim_domain, remove_domain
from tests.plugins.caddy import caddy_before

NOW = datetime(2026, 3, 12, 9, 30, tzinfo=UTC)
NAME = "www.example.com"


@pytest.mark.django_db(transaction=True)
def test_only_names_that_lead_to_a_site_get_a_certificate(
    live_server: Any, make_site: Any, caddy_program: str, tmp_path: Path
) -> None:
    site = make_site("tulip", limits={Kind.DOMAINS: 3})
    waiting = claim_domain(site=site, typed="waiting.example.com", now=NOW)
    Domain.objects.create(domain=NAME, tenant=site, created_at=NOW)
    with caddy_before(
        live_server.url.removeprefix("http://"), program=caddy_program, folder=tmp_path
    ) as caddy:
        page = caddy.get(site.host)
        assert (page.status, b"Tulip Garden" in page.body) == (200, True)
        moved = caddy.get(NAME, "/blog/")
        assert (moved.status, moved.location) == (301, "http://tulip.sites.localhost:8000/blog/")
        for stranger in (waiting.domain, "x.www.example.com", "nobody.sites.localhost", "evil.example"):
            with pytest.raises(ssl.SSLError):
                caddy.get(stranger)
        assert caddy.get(site.host, "/internal/tls/ask?domain=" + NAME).status == 404
        assert caddy.get(site.host, "/metrics").status == 404
        remove_domain(claim=waiting, now=NOW)
        waiting = claim_domain(site=site, typed="waiting.example.com", now=NOW)
        Domain.objects.create(domain=waiting.domain, tenant=site, created_at=NOW)
        assert caddy.get(waiting.domain).status == 301  # from the moment on that it leads here
