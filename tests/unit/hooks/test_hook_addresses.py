"""To whom nothing is ever sent."""

import pytest

from checkout.hooks.addresses import BadAddress, Fault, Target, is_public, parse


def test_an_address_is_taken_apart_as_it_will_be_used():
    assert parse("https://Hooks.Example:8443/in/box?for=us", trusted=[]) == Target(
        host="hooks.example", port=8443, path="/in/box?for=us", is_tls=True, is_trusted=False
    )
    assert parse("https://hooks.example", trusted=[]).port == 443
    assert parse("https://hooks.example", trusted=[]).path == "/"


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("", Fault.UNREADABLE),
        ("hooks.example", Fault.UNREADABLE),
        ("https://", Fault.UNREADABLE),
        ("ftp://hooks.example/", Fault.UNREADABLE),
        ("file:///etc/passwd", Fault.UNREADABLE),
        ("https://hooks.example/#part", Fault.UNREADABLE),
        ("https://hooks.example:0/", Fault.UNREADABLE),
        ("https://hooks.example:99999/", Fault.UNREADABLE),
        ("https://hooks.example:port/", Fault.UNREADABLE),
        ("https://[::1/", Fault.UNREADABLE),
        ("https://hooks.example/a b", Fault.UNREADABLE),
        ("https://hooks.example/\r\nX-Other: 1", Fault.UNREADABLE),
        ("https://hooks.example\\@127.0.0.1/", Fault.UNREADABLE),
        (f"https://hooks.example/{'a' * 480}", Fault.UNREADABLE),
        ("http://hooks.example/", Fault.NOT_TLS),
        ("http://127.0.0.1/", Fault.NOT_TLS),
        ("https://user:secret@hooks.example/", Fault.PASSWORD),
        ("https://hooks.example@127.0.0.1/", Fault.PASSWORD),
        ("https://127.0.0.1/", Fault.HOST),
        ("https://[::1]/", Fault.HOST),
        ("https://8.8.8.8/", Fault.HOST),
        ("https://127.1/", Fault.HOST),
        ("https://2130706433/", Fault.HOST),
        ("https://0x7f000001/", Fault.HOST),
        ("https://0177.0.0.1/", Fault.HOST),
        ("https://localhost/", Fault.HOST),
        ("https://hooks_example.example/", Fault.HOST),
        ("https://.example/", Fault.HOST),
        ("https://%31%32%37.0.0.1/", Fault.HOST),
    ],
    ids=lambda value: value[:50] if isinstance(value, str) else "",
)
def test_an_address_that_cannot_be_a_public_machines_is_refused(url, fault):
    with pytest.raises(BadAddress) as refused:
        parse(url, trusted=[])
    assert refused.value.fault == fault


def test_a_trusted_host_may_be_anything_and_needs_no_tls():
    assert parse("http://127.0.0.1:8000/hooks", trusted=["127.0.0.1"]) == Target(
        host="127.0.0.1", port=8000, path="/hooks", is_tls=False, is_trusted=True
    )
    with pytest.raises(BadAddress):
        parse("http://127.0.0.2:8000/hooks", trusted=["127.0.0.1"])


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *(
            "169.254.169.254",
            "169.254.170.2",
            "100.64.0.1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
        ),
        *("198.18.0.1", "192.0.2.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::1", "2001::1"),
    ],
)
def test_an_address_that_is_not_of_the_internet_is_known_as_one(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "::ffff:8.8.8.8"])
def test_an_address_of_the_internet_is_known_as_one(address):
    assert is_public(address)
