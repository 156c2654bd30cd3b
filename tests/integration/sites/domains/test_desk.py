"""Names as the network's staff see them."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from sites.models import DomainClaim, Site
from tests.integration.sites.domains.conftest import Connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> Client:
    client = Client(headers={"host": "localhost:8000"})
    client.force_login(User.objects.create_superuser("desk@example.com", password="x"))
    return client


def test_staff_see_every_claim_and_give_a_name_free_that_changed_hands(
    site_a: Site, connect: Connect, desk: Client
) -> None:
    claim = connect(site_a, "www.example.com")
    listed: Any = desk.get("/admin/sites/domainclaim/?q=www.example.com")
    assert b"www.example.com" in listed.content
    assert desk.get(f"/admin/sites/domainclaim/{claim.pk}/change/").status_code == 200
    done = desk.post(
        "/admin/sites/domainclaim/", {"action": "free", "_selected_action": [claim.pk]}, follow=True
    )
    assert b"1 name is free." in done.content
    assert DomainClaim.objects.count() == 0
    assert list(site_a.domains.values_list("domain", "is_primary")) == [(site_a.host, True)]
