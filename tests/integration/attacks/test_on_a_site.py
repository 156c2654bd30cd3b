"""Strange requests to a customer's site, and strange people in it."""

from typing import Any

import pytest
from django_tenants.utils import tenant_context

from accounts.models import User
from sites.content.storage import media_folder
from sites.models import Site

pytestmark = pytest.mark.django_db


def test_wagtails_own_form_for_signing_in_leads_to_the_network(site_a: Site, on_site: Any) -> None:
    answer = on_site(site_a).post("/_util/login/", {"username": "alpha-owner@example.com", "password": "x"})
    assert (answer.status_code, answer["Location"]) == (302, "/enter/")


def test_a_tag_that_no_text_can_hold_breaks_nothing(site_a: Site, on_site: Any) -> None:
    assert on_site(site_a).get("/blog/?tag=%00").status_code == 200


def test_a_file_name_longer_than_any_file_system_takes_is_not_found(site_a: Site, on_site: Any) -> None:
    with tenant_context(site_a):
        (media_folder() / "images").mkdir(parents=True, exist_ok=True)
    assert on_site(site_a).get(f"/media/images/{'a' * 300}").status_code == 404


def test_the_owner_enters_with_a_new_address_that_an_editor_had_all_along(
    site_a: Site, owner_of: Any
) -> None:
    owner_of(site_a)
    with tenant_context(site_a):
        User.objects.create_user("new@example.com", name="Eve")
    owner = site_a.membership.customer.user
    owner.email = "new@example.com"
    owner.save()
    owner_of(Site.objects.select_related("membership__customer__user").get(pk=site_a.pk))
    with tenant_context(site_a):
        assert User.objects.get(email="new@example.com").uid == owner.uid
