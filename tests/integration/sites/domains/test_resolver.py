"""What the product learns from a real DNS server."""

import dns.rcode
import pytest

from sites.hosting.resolver import NameServers, from_settings
from sites.policies.domain_check import Records
from tests.plugins.dns import DnsServer

NAME, PROOF = "www.example.com", "_sitewright.www.example.com"


def seen() -> Records:
    return from_settings().look_up(name=NAME, proof_name=PROOF)


def test_texts_and_addresses_of_both_kinds_are_read(dns_server: DnsServer) -> None:
    dns_server.put(PROOF, "TXT", "sitewright=abc", "something else")
    dns_server.put(NAME, "A", "203.0.113.10")
    dns_server.put(NAME, "AAAA", "2001:db8::10")
    assert seen() == Records(
        proofs=("sitewright=abc", "something else"), addresses=("203.0.113.10", "2001:db8::10")
    )


def test_an_alias_is_named_with_the_addresses_behind_it(dns_server: DnsServer) -> None:
    dns_server.put(NAME, "CNAME", "Alpha.Sites.Example.")
    dns_server.put("alpha.sites.example", "A", "203.0.113.10")
    assert seen() == Records(alias="alpha.sites.example", addresses=("203.0.113.10",))


def test_an_alias_to_a_name_that_does_not_exist_is_still_named(dns_server: DnsServer) -> None:
    dns_server.put(NAME, "CNAME", "gone.example.")
    assert seen() == Records(alias="gone.example")


def test_a_name_that_does_not_exist_is_empty_and_not_silence(dns_server: DnsServer) -> None:
    assert seen() == Records()


def test_a_proof_behind_an_alias_is_somebody_elses_word(dns_server: DnsServer) -> None:
    dns_server.put(PROOF, "CNAME", "texts.stranger.example.")
    dns_server.put("texts.stranger.example", "TXT", "sitewright=abc")
    assert seen() == Records()


def test_a_server_that_fails_is_silence(dns_server: DnsServer) -> None:
    dns_server.rcode = dns.rcode.SERVFAIL
    assert seen() == Records(silent=True)


def test_a_server_that_does_not_answer_is_silence_within_its_time() -> None:
    assert NameServers(["127.0.0.1:9"], seconds=0.2).look_up(name=NAME, proof_name=PROOF).silent is True


def test_nothing_but_the_four_questions_is_asked_whatever_the_name_leads_to(dns_server: DnsServer) -> None:
    dns_server.put(NAME, "A", "127.0.0.1", "169.254.169.254")
    assert seen().addresses == ("127.0.0.1", "169.254.169.254")
    assert dns_server.asked == [f"{PROOF}. TXT", f"{NAME}. CNAME", f"{NAME}. A", f"{NAME}. AAAA"]


@pytest.mark.parametrize("text", ["a" * 5000, "\\000\\255<script>"])
def test_what_strangers_write_into_the_dns_is_kept_short_and_plain(dns_server: DnsServer, text: str) -> None:
    chunks = '" "'.join(text[at : at + 200] for at in range(0, len(text), 200))
    dns_server.put(PROOF, "TXT", chunks)
    (proof,) = seen().proofs
    assert len(proof) <= 255
    assert "\xff" not in proof
