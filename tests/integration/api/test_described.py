"""The API answers as its OpenAPI description says, whatever is asked of it."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as django_settings
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.urls import set_urlconf
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from checkout.api import v1
from products.limits import Kind
from products.models import ProductLimit
from sites.operations.create import create_site
from sites.operations.domains import claim_domain
from tests.integration.api.conftest import just_now, token_for

pytestmark = pytest.mark.django_db
EXAMPLES = settings(
    max_examples=25,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def described() -> dict[str, Any]:
    """The description as `openapi.json` serves it."""
    set_urlconf(django_settings.PUBLIC_SCHEMA_URLCONF)
    try:
        return dict(json.loads(json.dumps(v1.api.get_openapi_schema())))
    finally:
        set_urlconf(None)


SCHEMA = described()
OPERATIONS = [(method.upper(), path) for path, methods in SCHEMA["paths"].items() for method in methods]


@pytest.fixture(scope="module")
def api():
    schema = schemathesis.openapi.from_dict(SCHEMA)
    schema.app = get_wsgi_application()
    schema.config.generation.with_security_parameters = False  # every request has its token
    schema.config.generation.allow_extra_parameters = False  # a query may hold what nobody reads
    return schema


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """A request closes no connection while the test's transaction stands, as Django's test client has it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def ours(world, catalogue):
    """Identifiers that Alice's program may ask for, by the name of their parameter; and her token."""
    now = just_now()
    alice = world.signs_up("alice", catalogue.premium, now=now)
    ProductLimit.objects.create(product=catalogue.premium, kind=Kind.DOMAINS, amount=5)
    site = create_site(membership=alice, name="Alice", slug="alice", now=now)
    return {
        "product_id": str(catalogue.premium.uid),
        "invoice_id": str(alice.invoices.get().uid),
        "site_id": str(site.uid),
        "domain_id": str(claim_domain(site=site, typed="www.alice.example.com", now=now).uid),
        "membership_id": str(alice.uid),
        "quote_id": str(world.quote(alice, catalogue.business, now=now).uid),
        "order_id": str(alice.orders.get().uid),
        "plan": str(catalogue.business.uid),
        "token": token_for(alice.customer.user, now=now).secret,
    }


def sensible(body: Any, ours: dict[str, str]) -> Any:
    """`body` with what the business's rules want of it: a form alone does not make a plan or a domain."""
    if not isinstance(body, dict):
        return body
    wanted: dict[str, dict[str, Any]] = {
        "plan": {"plan": ours["plan"], "interval": {"unit": "month"}, "addons": []},
        "quote": {"quote": ours["quote_id"]},
        "domain": {"domain": "www.alice.example.org"},
        "address": {"name": "Alice's other", "address": "alices-other"},
    }
    return body | next((values for key, values in wanted.items() if key in body), {})


def asked(api, method, path, ours, mode) -> Counter[int]:
    """Ask what `mode` thinks of, most of it of what is Alice's; answers how often each status came. What fits the
    description may still break a rule of the business, or be about something that is not hers."""
    headers = {"Authorization": f"Bearer {ours['token']}"}
    statuses: Counter[int] = Counter()

    @EXAMPLES
    @given(
        case=api[path][method].as_strategy(generation_mode=mode), is_ours=st.sampled_from([True, True, False])
    )
    def ask(case: Any, is_ours: bool) -> None:
        if is_ours and mode == GenerationMode.POSITIVE:
            case.path_parameters |= {name: ours[name] for name in case.path_parameters}
            case.body = sensible(case.body, ours)
        answer = case.call_and_validate(
            base_url="http://localhost", headers=headers, excluded_checks=[positive_data_acceptance]
        )
        statuses[answer.status_code] += 1

    ask()
    return statuses


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_fits_the_description_is_answered_as_described(api, ours, method, path):
    statuses = asked(api, method, path, ours, GenerationMode.POSITIVE)
    assert statuses[200] + statuses[201] > 0, "nothing that was asked could be done"


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_does_not_fit_the_description_is_refused_as_described(api, ours, method, path):
    assert set(asked(api, method, path, ours, GenerationMode.NEGATIVE)) <= {400, 404, 422}
