"""Messages go out signed, again and again until they are taken, and never to where they must not."""

import json
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from checkout.hooks import sending
from checkout.hooks.addresses import Target
from checkout.hooks.models import Delivery, Endpoint, Message
from checkout.hooks.operations import (
    KEPT_FOR,
    LOCK,
    OTHERS_WAIT,
    change_secret,
    deliver,
    deliver_due,
    disable,
    enable,
    endpoints_with_work,
    forget_old,
    send_again,
    send_test,
)
from checkout.hooks.retries import PAUSES, TRIED_FOR
from checkout.hooks.signing import new_secret
from config.embedded.process import free_port
from tests.factories.at_once import locked_elsewhere
from tests.integration.hooks.conftest import MARCH_1, waiting

pytestmark = pytest.mark.django_db
A_SECOND = timedelta(seconds=1)


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def send_due(endpoint: Endpoint, *, at: datetime = MARCH_1) -> int:
    return deliver_due(endpoint_id=endpoint.pk, clock=lambda: at)


def test_a_message_is_posted_as_the_specification_says(endpoint, receiver):
    message = waiting(endpoint)
    assert deliver(message_id=message.pk, now=MARCH_1 + A_SECOND).is_taken
    (got,) = receiver.received
    assert got.path == "/hooks"
    assert got.says == {"type": "site.ready", "timestamp": "2026-03-01T00:00:00Z", "data": {"id": "a"}}
    assert got.headers["content-type"] == "application/json"
    assert got.headers["webhook-id"] == f"msg_{message.uid.hex}"
    assert got.headers["webhook-timestamp"] == str(int((MARCH_1 + A_SECOND).timestamp()))
    assert got.is_signed_with(endpoint.secret)
    assert not got.is_signed_with(new_secret())


def test_what_was_answered_is_written_down(endpoint, receiver):
    receiver.answers = [(202, b"Thank you\0!" + b"\xff" + b"x" * 2000)]
    message = waiting(endpoint)
    deliver(message_id=message.pk, now=MARCH_1)
    delivery = message.deliveries.get()
    assert (delivery.status, delivery.at, delivery.error) == (202, MARCH_1, "")
    assert delivery.excerpt.startswith("Thank you\N{REPLACEMENT CHARACTER}!\N{REPLACEMENT CHARACTER}xxx")
    assert len(delivery.excerpt) == 1000
    assert delivery.milliseconds < 5000
    assert fresh(message).state == "taken"


def test_for_a_day_after_a_change_both_secrets_sign(endpoint, receiver):
    old = endpoint.secret
    change_secret(endpoint=endpoint, now=MARCH_1)
    endpoint = fresh(endpoint)
    assert endpoint.secret != old
    for hours in (23, 24):
        at = MARCH_1 + timedelta(hours=hours)
        deliver(message_id=waiting(endpoint, at=at).pk, now=at)
    during, after = receiver.received
    assert during.is_signed_with(old)
    assert during.is_signed_with(endpoint.secret)
    assert not after.is_signed_with(old)
    assert after.is_signed_with(endpoint.secret)


@pytest.mark.parametrize("status", [301, 302, 307, 400, 404, 429, 500, 503])
def test_whatever_is_not_a_yes_is_tried_again(endpoint, receiver, status):
    receiver.answers = [(status, b"no")]
    receiver.headers = {"Location": receiver.url}
    message = waiting(endpoint)
    assert not deliver(message_id=message.pk, now=MARCH_1).is_taken
    assert len(receiver.received) == 1, "no redirect is followed"
    message = fresh(message)
    assert (message.state, message.tries, message.next_try_at) == ("waiting", 1, MARCH_1 + PAUSES[0])
    assert (message.deliveries.get().status, message.deliveries.get().excerpt) == (status, "no")
    assert fresh(endpoint).failing_since == MARCH_1


def test_the_tries_go_on_for_three_days_under_one_identifier(endpoint, receiver):
    receiver.answers = [(500, b"")]
    message, now, seen = waiting(endpoint), MARCH_1, []
    while fresh(message).state == "waiting":
        now = fresh(message).next_try_at
        assert deliver(message_id=message.pk, now=now - A_SECOND) is None
        deliver(message_id=message.pk, now=now)
        seen.append(now - MARCH_1)
    assert seen == [sum(PAUSES[:tries], timedelta()) for tries in range(10)]
    assert fresh(message).state == "given_up"
    assert {got.headers["webhook-id"] for got in receiver.received} == {message.name}
    assert {got.body for got in receiver.received} == {message.body}


def test_an_endpoint_that_took_nothing_all_that_time_is_disabled(endpoint, receiver):
    receiver.answers = [(500, b"")]
    message = waiting(endpoint)
    Message.objects.filter(pk=message.pk).update(tries=9)
    Endpoint.objects.update(failing_since=MARCH_1)
    other = waiting(endpoint, at=MARCH_1 + TRIED_FOR)
    deliver(message_id=message.pk, now=MARCH_1 + TRIED_FOR)
    endpoint = fresh(endpoint)
    assert (endpoint.state, endpoint.disabled_because) == ("disabled", "failing")
    assert endpoint.disabled_at == MARCH_1 + TRIED_FOR
    assert fresh(other).state == "given_up"


def test_an_endpoint_that_took_something_meanwhile_stays(endpoint, receiver):
    receiver.answers = [(500, b"")]
    message = waiting(endpoint)
    Message.objects.filter(pk=message.pk).update(tries=9)
    Endpoint.objects.update(failing_since=MARCH_1 + A_SECOND)
    deliver(message_id=message.pk, now=MARCH_1 + TRIED_FOR)
    assert (fresh(message).state, fresh(endpoint).state) == ("given_up", "enabled")


def test_one_that_is_gone_is_disabled_at_once(endpoint, receiver):
    receiver.answers = [(410, b"")]
    message = waiting(endpoint)
    deliver(message_id=message.pk, now=MARCH_1)
    assert (fresh(endpoint).state, fresh(endpoint).disabled_because) == ("disabled", "gone")
    assert (fresh(message).state, message.deliveries.get().status) == ("given_up", 410)


def test_a_yes_ends_the_failing(endpoint, receiver):
    receiver.answers = [(500, b""), (200, b"")]
    message = waiting(endpoint)
    deliver(message_id=message.pk, now=MARCH_1)
    deliver(message_id=message.pk, now=MARCH_1 + PAUSES[0])
    assert (fresh(message).state, fresh(endpoint).failing_since) == ("taken", None)


def test_what_is_due_goes_out_oldest_first(endpoint, receiver):
    later, sooner = waiting(endpoint, at=MARCH_1), waiting(endpoint, at=MARCH_1 - A_SECOND)
    waiting(endpoint, at=MARCH_1 + A_SECOND)
    assert endpoints_with_work(now=MARCH_1) == [endpoint.pk]
    assert send_due(endpoint) == 2
    assert [got.headers["webhook-id"] for got in receiver.received] == [sooner.name, later.name]
    assert endpoints_with_work(now=MARCH_1) == []


def test_after_a_no_the_others_wait_a_minute(endpoint, receiver):
    receiver.answers = [(500, b"")]
    first, second = waiting(endpoint), waiting(endpoint)
    assert send_due(endpoint) == 1
    assert fresh(first).next_try_at == MARCH_1 + PAUSES[0]
    assert (fresh(second).next_try_at, fresh(second).tries) == (MARCH_1 + OTHERS_WAIT, 0)


def test_nobody_sends_where_somebody_else_is_sending(endpoint, receiver):
    waiting(endpoint)
    with locked_elsewhere(LOCK, endpoint.pk):
        assert send_due(endpoint) == 0
    assert send_due(endpoint) == 1
    assert len(receiver.received) == 1


def test_a_disabled_endpoint_is_sent_nothing(endpoint, receiver):
    message = waiting(endpoint)
    assert disable(endpoint=endpoint, now=MARCH_1)
    assert not disable(endpoint=endpoint, now=MARCH_1)
    assert (fresh(message).state, endpoints_with_work(now=MARCH_1)) == ("given_up", [])
    assert deliver(message_id=message.pk, now=MARCH_1) is None
    assert receiver.received == []


def test_an_enabled_one_begins_anew(endpoint):
    Endpoint.objects.update(failing_since=MARCH_1)
    disable(endpoint=endpoint, because="failing", now=MARCH_1)
    assert enable(endpoint=endpoint)
    assert not enable(endpoint=endpoint)
    endpoint = fresh(endpoint)
    assert (endpoint.state, endpoint.disabled_at, endpoint.disabled_because) == ("enabled", None, "")
    assert endpoint.failing_since is None


def test_a_message_is_sent_again_from_the_beginning_when_asked_for(endpoint, receiver):
    given_up, taken, still = (waiting(endpoint) for _ in range(3))
    Message.objects.filter(pk=given_up.pk).update(state="given_up", tries=10, next_try_at=None)
    Message.objects.filter(pk=taken.pk).update(state="taken", next_try_at=None)
    test = send_test(endpoint=endpoint, now=MARCH_1)
    now = MARCH_1 + timedelta(days=9)
    assert send_again(messages=Message.objects.all(), now=now) == [endpoint.pk]
    for message in (given_up, taken):
        assert (fresh(message).state, fresh(message).tries, fresh(message).next_try_at) == ("waiting", 0, now)
    assert (fresh(still).next_try_at, fresh(test).state) == (MARCH_1, "taken")
    disable(endpoint=endpoint, now=now)
    assert send_again(messages=Message.objects.all(), now=now) == []


def test_a_test_message_is_sent_at_once_and_only_once(endpoint, receiver):
    receiver.answers = [(200, b""), (500, b"")]
    assert send_test(endpoint=endpoint, now=MARCH_1).state == "taken"
    disable(endpoint=endpoint, now=MARCH_1)
    failed = send_test(endpoint=endpoint, now=MARCH_1)
    assert (failed.state, failed.next_try_at) == ("given_up", None)
    assert fresh(endpoint).failing_since is None
    assert [got.says["type"] for got in receiver.received] == ["endpoint.test"] * 2
    assert receiver.received[0].says["data"] == {"id": str(endpoint.uid)}


def test_what_is_settled_is_forgotten_after_a_month(endpoint):
    old, young, unsent = (waiting(endpoint, at=MARCH_1 + n * A_SECOND) for n in range(3))
    Message.objects.exclude(pk=unsent.pk).update(state="taken", next_try_at=None)
    Message.objects.filter(pk=unsent.pk).update(occurred_at=MARCH_1 - KEPT_FOR)
    Delivery.objects.create(message=old, at=MARCH_1, status=200, milliseconds=1)
    assert forget_old(now=MARCH_1 + KEPT_FOR) == 2
    assert set(Message.objects.values_list("pk", flat=True)) == {young.pk, unsent.pk}


def test_a_machine_that_is_not_there_is_an_error_to_read(endpoint):
    Endpoint.objects.update(url=f"http://127.0.0.1:{free_port()}/")
    message = waiting(endpoint)
    deliver(message_id=message.pk, now=MARCH_1)
    delivery = message.deliveries.get()
    assert (delivery.status, delivery.excerpt) == (None, "")
    assert delivery.error.startswith("ConnectionRefusedError: ")


@pytest.fixture
def dripping() -> Iterator[str]:
    """A machine that answers a byte at a time and comes to no end."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def drip() -> None:
        link, _address = server.accept()
        with link:
            while not over.wait(0.02):
                try:
                    link.sendall(b"X")
                except OSError:
                    return

    thread = threading.Thread(target=drip, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/"
    over.set()
    thread.join()
    server.close()


def test_an_answer_that_comes_to_no_end_is_cut_off(settings, monkeypatch, dripping):
    settings.HOOKS_TRUSTED_HOSTS = ["127.0.0.1"]
    monkeypatch.setattr(sending, "SECONDS_IN_ALL", 0.2)
    answer = sending.post(url=dripping, body=b"{}", headers={})
    assert (answer.status, answer.error) == (None, "No complete answer in time.")
    assert answer.milliseconds < 2000


@pytest.mark.parametrize(
    ("addresses", "error"),
    [
        ({"A": ["127.0.0.1"]}, "The host leads to an address that is not public."),
        ({"A": ["169.254.169.254"]}, "The host leads to an address that is not public."),
        ({"AAAA": ["::1"]}, "The host leads to an address that is not public."),
        ({"A": ["203.0.113.9", "10.0.0.1"]}, "The host leads to an address that is not public."),
        ({}, "The host's name leads nowhere."),
    ],
    ids=["loopback", "metadata", "ipv6", "one of two", "nowhere"],
)
def test_a_name_that_leads_into_our_own_network_is_not_spoken_to(dns_server, receiver, addresses, error):
    for kind, values in addresses.items():
        dns_server.put("hooks.example", kind, *values)
    answer = sending.post(url=f"https://hooks.example:{receiver.port}/", body=b"{}", headers={})
    assert (answer.status, answer.error) == (None, error)
    assert receiver.received == []


def test_an_address_that_was_allowed_once_is_judged_anew_each_time(endpoint, receiver, settings):
    settings.HOOKS_TRUSTED_HOSTS = []
    message = waiting(endpoint)
    deliver(message_id=message.pk, now=MARCH_1)
    assert message.deliveries.get().error == "Nothing may be sent to this address."
    assert receiver.received == []


def test_a_name_is_looked_up_once_and_spoken_to_at_what_was_judged(dns_server, monkeypatch):
    dns_server.put("hooks.example", "A", "93.184.216.34")
    reached = []

    def connect(address, timeout):
        reached.append(address)
        dns_server.put("hooks.example", "A", "127.0.0.1")  # a name that is rebound in between
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    sending.post(url="https://hooks.example/", body=b"{}", headers={})
    assert reached == [("93.184.216.34", 443)]
    assert dns_server.asked == ["hooks.example. A", "hooks.example. AAAA"]


@pytest.fixture
def tls_port(certificate: Path) -> Iterator[int]:
    """A machine that proves to be hooks.example, to who trusts the test's own authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                link, _address = server.accept()
                with context.wrap_socket(link, server_side=True) as secured:
                    while not secured.recv(4096).endswith(b"{}"):
                        pass
                    secured.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
            except ssl.SSLError:
                continue
            except OSError:
                return

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield server.getsockname()[1]
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory) -> Path:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "hooks.example")])
    now = datetime.now(tz=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("hooks.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "hooks.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


@pytest.fixture
def pinned_at(tls_port, certificate, monkeypatch):
    """A connection to that machine by the name of any."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    def made(host: str) -> sending._Pinned:
        target = Target(host=host, port=tls_port, path="/", is_tls=True, is_trusted=False)
        return sending._Pinned(target, ["127.0.0.1"])

    return made


def test_the_machine_at_the_pinned_address_proves_to_be_the_names(pinned_at):
    pinned = pinned_at("hooks.example")
    pinned.request("POST", "/", body=b"{}")
    assert (pinned.getresponse().status, pinned.sock.server_hostname) == (200, "hooks.example")
    pinned.close()


def test_a_machine_that_proves_to_be_another_gets_nothing(pinned_at):
    pinned = pinned_at("other.example")
    with pytest.raises(ssl.SSLCertVerificationError):
        pinned.request("POST", "/", body=b"{}")
    pinned.close()


def test_the_body_is_json_to_the_byte_with_every_try(endpoint):
    message = waiting(endpoint)
    assert json.loads(message.body)["type"] == "site.ready"
    assert fresh(message).body == message.body
