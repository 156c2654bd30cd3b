"""The demo shows what the network told another system."""

import json
from datetime import UTC, datetime

import pytest
from django.core.cache import cache
from django.test import Client

from checkout.hooks.models import Endpoint
from checkout.hooks.signing import headers_of, new_secret
from config.demo import webhooks
from tests.integration.hooks.conftest import MARCH_1

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(staff) -> Client:
    cache.delete(webhooks.KEPT)
    for _twice in range(2):
        webhooks.offer(owner=staff, now=MARCH_1)
    return Client(SERVER_NAME="localhost")


def post(page: Client, secret: str):
    body = json.dumps({"type": "site.ready", "timestamp": "2026-03-01T00:00:00Z", "data": {}}).encode()
    headers = headers_of(message_id="msg_1", body=body, keys=[secret], at=datetime.now(tz=UTC))
    return page.post("/demo/webhooks/", body, content_type="application/json", headers=headers)


def test_a_message_of_the_networks_is_shown(page):
    endpoint = Endpoint.objects.get()
    assert endpoint.url == "http://localhost:8000/demo/webhooks/"
    assert post(page, endpoint.secret).status_code == 204
    assert "site.ready" in page.get("/demo/webhooks/").content.decode()


def test_a_message_of_somebody_else_is_refused(page):
    assert post(page, new_secret()).status_code == 400
    assert page.post("/demo/webhooks/", b"{}", content_type="application/json").status_code == 400
    assert "Nothing yet." in page.get("/demo/webhooks/").content.decode()
