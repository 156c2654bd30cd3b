"""Redis may lose everything, or not be there at all: pages are served, webhooks are kept."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client

from config.celery import app
from memberships.models import InboundEvent
from sites.metering import counter
from tests.factories.events import body_of, signature_of

NOBODY_LISTENS = "redis://127.0.0.1:9/0"
BODY = body_of(event_id="evt_1", kind="checkout.session.completed", object_id="cs_1")


@pytest.fixture
def redis_goes(settings: Any, monkeypatch: Any) -> Iterator[Callable[[], None]]:
    """Take Redis away: as cache, as counter and as broker."""

    def go() -> None:
        settings.REDIS_URL = NOBODY_LISTENS
        settings.CACHES = {
            alias: {**cache, "LOCATION": NOBODY_LISTENS} for alias, cache in settings.CACHES.items()
        }
        counter.client.cache_clear()
        monkeypatch.setattr(app.conf, "broker_url", NOBODY_LISTENS)
        forget_the_broker()

    yield go
    counter.client.cache_clear()
    monkeypatch.undo()
    forget_the_broker()


def forget_the_broker() -> None:
    app._pool = app.amqp._producer_pool = None


def test_the_member_signed_in_sees_the_account_and_the_change_page(alice, redis_goes) -> None:
    browser = Client(headers={"host": "localhost"})
    browser.force_login(alice.customer.user)
    redis_goes()
    assert browser.get(f"/account/{alice.uid}/").status_code == 200
    assert browser.get(f"/account/{alice.uid}/change/").status_code == 200


@pytest.mark.django_db
def test_people_can_sign_in(alice, redis_goes) -> None:
    redis_goes()
    answer = Client(headers={"host": "localhost"}).post(
        "/auth/login/", {"login": "alice@example.com", "password": "a-long-password"}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/account/")


@pytest.mark.django_db
def test_a_site_and_its_dashboard_are_served(site_a, on_site, owner_of, redis_goes) -> None:
    visitor, owner = on_site(site_a), owner_of(site_a)
    redis_goes()
    assert visitor.get("/").status_code == 200
    assert visitor.get("/blog/").status_code == 200
    assert owner.get("/dashboard/").status_code == 200


@pytest.mark.django_db
def test_a_webhook_is_kept_and_acknowledged(redis_goes, django_capture_on_commit_callbacks) -> None:
    redis_goes()
    with django_capture_on_commit_callbacks(execute=True) as queued:
        answer = Client(headers={"host": "localhost"}).post(
            "/webhooks/stripe/", BODY, content_type="application/json",
            headers={"stripe-signature": signature_of(BODY, "whsec_tests")},
        )  # fmt: skip
    assert (answer.status_code, InboundEvent.objects.get().state, len(queued)) == (200, "received", 1)


@pytest.mark.django_db
def test_readiness_names_the_broker_that_is_away(redis_goes) -> None:
    redis_goes()
    answer = Client(headers={"host": "localhost"}).get("/readyz")
    assert (answer.status_code, answer.json()) == (503, {"database": "ok", "broker": "ConnectionError"})
