"""Fixtures of the network: the gateway double, the catalogue, the world."""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.utils import translation

from memberships.billing.choose import network_gateway
from sandbox.testing import SandboxProcess
from tests.factories.catalogue import Catalogue
from tests.factories.world import World


@pytest.fixture(autouse=True)
def spoken() -> Iterator[None]:
    """The language that a page answered in ends with the test."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(scope="session")
def gateway_process() -> Iterator[SandboxProcess]:
    with SandboxProcess(api_key="sk_test_double", webhook_secret="whsec_tests") as process:
        yield process


@pytest.fixture
def gateway_double(gateway_process: SandboxProcess, settings) -> Iterator[SandboxProcess]:
    """The double, empty and well-behaved, and our adapter pointed at it."""
    gateway_process.reset()
    settings.STRIPE_API_BASE = gateway_process.base_url
    network_gateway.cache_clear()
    yield gateway_process
    network_gateway.cache_clear()


@pytest.fixture
def catalogue(db: None) -> Catalogue:
    return Catalogue()


@pytest.fixture
def world(db: None, gateway_double: SandboxProcess) -> World:
    return World(gateway_double)
