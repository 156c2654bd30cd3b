"""Which names people may connect to their sites, and how each is written down."""

import pytest

from sites.policies.domain_names import BadName, Fault, as_people_write, is_apex, parse, registered

NETWORK = ("account.network.org", "sites.network.org")


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("www.example.com", "www.example.com"),
        ("  Example.COM. ", "example.com"),
        ("bücher.example.com", "xn--bcher-kva.example.com"),
        ("BÜCHER.de", "xn--bcher-kva.de"),
        ("xn--bcher-kva.de", "xn--bcher-kva.de"),
        ("straße.de", "xn--strae-oqa.de"),
        ("ｅxample.com", "example.com"),  # noqa: RUF001 -- a full-width letter
        ("münchen。de", "xn--mnchen-3ya.de"),
        ("example.co.uk", "example.co.uk"),
        ("a.b.c.example.nl", "a.b.c.example.nl"),
        ("shop.example.com.au", "shop.example.com.au"),
    ],
)
def test_a_name_is_kept_as_the_dns_has_it(typed: str, name: str) -> None:
    assert parse(typed, networks_own=NETWORK) == name


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", Fault.EMPTY),
        (" ", Fault.EMPTY),
        ("https://example.com", Fault.ADDRESS),
        ("example.com/shop", Fault.ADDRESS),
        ("example.com:8080", Fault.ADDRESS),
        ("me@example.com", Fault.ADDRESS),
        ("*.example.com", Fault.WILDCARD),
        ("203.0.113.9", Fault.IP_ADDRESS),
        ("[2001:db8::1]", Fault.IP_ADDRESS),
        ("::1", Fault.IP_ADDRESS),
        ("1.2.3", Fault.IP_ADDRESS),
        ("my_shop.example.com", Fault.CHARACTERS),
        ("my shop.com", Fault.CHARACTERS),
        ("-shop.com", Fault.CHARACTERS),
        ("shop..com", Fault.CHARACTERS),
        (".shop.com", Fault.CHARACTERS),
        ("sh--op.com", Fault.CHARACTERS),
        ("\u202emoc.example.com", Fault.CHARACTERS),
        ("exa\x00mple.com", Fault.CHARACTERS),
        ("xn--zzzzzz99999.com", Fault.PUNYCODE),
        (f"{'a' * 64}.com", Fault.LONG),
        (f"{'abcdefgh.' * 30}com", Fault.LONG),
        ("shop", Fault.INCOMPLETE),
        ("shop.localhost", Fault.ENDING),
        ("shop.internal", Fault.ENDING),
        ("shop.test", Fault.ENDING),
        ("shop.onion", Fault.ENDING),
        ("10.in-addr.arpa", Fault.ENDING),
        ("co.uk", Fault.SHARED),
        ("github.io", Fault.SHARED),
        ("shop.github.io", Fault.ELSEWHERE),
        ("www.shop.myshopify.com", Fault.ELSEWHERE),
        ("account.network.org", Fault.NETWORK),
        ("x.account.network.org", Fault.NETWORK),
        ("alpha.sites.network.org", Fault.NETWORK),
        ("NETWORK.org.", Fault.NETWORK),
    ],
)
def test_a_name_that_cannot_be_had_is_refused_for_its_reason(typed: str, fault: Fault) -> None:
    with pytest.raises(BadName) as refused:
        parse(typed, networks_own=NETWORK)
    assert refused.value.fault == fault


def test_a_name_beside_the_networks_is_anybodys() -> None:
    assert parse("shop.network.org", networks_own=NETWORK) == "shop.network.org"
    assert parse("mynetwork.org", networks_own=NETWORK) == "mynetwork.org"


def test_people_read_their_own_letters() -> None:
    assert as_people_write("xn--bcher-kva.example.com") == "bücher.example.com"
    assert as_people_write("www.example.com") == "www.example.com"


def test_the_registered_domain_is_known_under_every_ending() -> None:
    assert [is_apex(name) for name in ("example.com", "www.example.com", "example.co.uk")] == [
        True,
        False,
        True,
    ]
    assert registered("a.b.example.co.uk") == "example.co.uk"
    assert registered("a.sites.localhost") == "a.sites.localhost"
