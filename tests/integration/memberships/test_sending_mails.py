"""Sending, against a mail server that does what real ones do: it refuses, is away, says nothing."""

import socket
import threading
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.models import User
from memberships import tasks
from memberships.mails import sending
from memberships.mails.sending import PAUSES, send_notice
from memberships.models import Membership, Notice
from memberships.notices import notify
from tests.factories.catalogue import Catalogue
from tests.factories.world import World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


class MailServer:
    """Speaks as much SMTP as one mail takes. It refuses every address, if told so, and can fall silent."""

    def __init__(self) -> None:
        self.refuses = self.is_silent = False
        self._is_open = True
        self.taken: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._is_open = False
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join()

    def _serve(self) -> None:
        with self._listening:
            while self._is_open:
                connection, _address = self._listening.accept()
                with suppress(ConnectionError), connection, connection.makefile("rwb") as stream:
                    self._talk(stream)

    def _talk(self, stream) -> None:
        if not self.is_silent:
            self._say(stream, "220 here")
        while line := stream.readline():
            match line[:4].upper():
                case b"RCPT" if self.refuses:
                    self._say(stream, "550 no such user here")
                case b"DATA":
                    self._say(stream, "354 go on")
                    self.taken.append(self._message(stream))
                    self._say(stream, "250 taken")
                case b"QUIT":
                    self._say(stream, "221 bye")
                    return
                case _:
                    self._say(stream, "250 fine")

    def _message(self, stream) -> str:
        lines = iter(stream.readline, b".\r\n")
        return b"".join(lines).decode()

    def _say(self, stream, line: str) -> None:
        stream.write(f"{line}\r\n".encode())
        stream.flush()


@pytest.fixture
def server(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    server = MailServer()
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    yield server
    server.stop()


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def notice(alice: Membership) -> Notice:
    return alice.notices.get()


def fresh(notice: Notice) -> Notice:
    return Notice.objects.get(pk=notice.pk)


def test_a_mail_is_taken_once_and_kept_as_it_was_sent(server, notice):
    assert send_notice(notice_id=notice.pk, now=MARCH_1)
    assert not send_notice(notice_id=notice.pk, now=MARCH_1)
    sent = fresh(notice)
    assert (len(server.taken), sent.sent_at, sent.next_try_at) == (1, MARCH_1, None)
    assert sent.subject == "Welcome to Sitewright"
    assert sent.body.startswith("Hello Alice,\n")
    assert "Auto-Submitted: auto-generated" in server.taken[0]


def test_an_address_that_is_refused_is_tried_for_some_days_and_then_given_up(server, notice):
    server.refuses = True
    now, waits = MARCH_1, []
    while (tried := fresh(notice)).next_try_at:
        waits.append(tried.next_try_at - now)
        now = tried.next_try_at
        assert not send_notice(notice_id=notice.pk, now=now)
    assert waits == [timedelta(0), *PAUSES]
    assert now - MARCH_1 < timedelta(days=4)
    assert (tried.tries, tried.sent_at) == (7, None)
    assert "550" in tried.error
    assert "no such user here" in tried.error
    assert not send_notice(notice_id=notice.pk, now=now + timedelta(days=30))


def test_before_its_time_a_mail_is_not_tried_again(server, notice):
    server.refuses = True
    send_notice(notice_id=notice.pk, now=MARCH_1)
    server.refuses = False
    assert not send_notice(notice_id=notice.pk, now=MARCH_1 + timedelta(minutes=1))
    assert send_notice(notice_id=notice.pk, now=MARCH_1 + timedelta(minutes=2))
    sent = fresh(notice)
    assert (sent.tries, sent.error, len(server.taken)) == (1, "", 1)


def test_a_server_that_is_away_costs_time_and_no_mail(server, notice, settings):
    settings.EMAIL_PORT = 1
    assert not send_notice(notice_id=notice.pk, now=MARCH_1)
    assert "ConnectionRefusedError" in fresh(notice).error
    settings.EMAIL_PORT = server.port
    assert send_notice(notice_id=notice.pk, now=MARCH_1 + timedelta(minutes=2))


def test_a_server_that_is_silent_does_not_hold_the_worker(server, notice, settings):
    server.is_silent, settings.EMAIL_TIMEOUT = True, 0.2
    assert not send_notice(notice_id=notice.pk, now=MARCH_1)
    assert "timed out" in fresh(notice).error


def test_the_network_has_a_limit_for_silence(settings):
    assert settings.EMAIL_TIMEOUT == 10


def test_a_mail_sent_twice_by_a_crash_bears_the_same_id(notice, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*_args, **_kwargs):
        raise Killed

    with monkeypatch.context() as crash:
        crash.setattr(Notice, "save", die)
        with pytest.raises(Killed):
            send_notice(notice_id=notice.pk, now=MARCH_1)
    assert send_notice(notice_id=notice.pk, now=MARCH_1)
    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]


def test_a_mail_that_cannot_be_written_waits_and_says_why(alice, notice):
    Notice.objects.filter(pk=notice.pk).update(kind="of_former_times")
    assert not send_notice(notice_id=notice.pk, now=MARCH_1)
    assert (fresh(notice).tries, fresh(notice).error) == (1, "KeyError: 'of_former_times'")


def test_the_sweep_finds_what_waits_and_nothing_that_is_done(alice, notice, monkeypatch):
    queued: list[int] = []
    monkeypatch.setattr(tasks.deliver_notice, "enqueue", lambda *, notice_id: queued.append(notice_id))
    given_up = notify(alice, "expired", reference="x", now=MARCH_1)
    Notice.objects.filter(pk=given_up.pk).update(next_try_at=None)
    later = notify(alice, "cancelled", reference="x", now=MARCH_1)
    Notice.objects.filter(pk=later.pk).update(next_try_at=timezone.now() + timedelta(hours=1))
    assert (tasks.sweep_notices(), queued) == (1, [notice.pk])


@pytest.mark.parametrize(("language", "name"), [("en", "invoice"), ("nl", "factuur")])
def test_a_receipt_brings_its_bill_as_pdf_in_the_readers_language(alice, notice, language, name):
    User.objects.filter(pk=alice.customer.user_id).update(language=language)
    send_notice(notice_id=notice.pk, now=MARCH_1)
    (attached,) = mail.outbox[0].attachments
    assert (attached.filename, attached.mimetype) == (f"{name}-2026-00001.pdf", "application/pdf")
    assert attached.content.startswith(b"%PDF-")


def test_a_mail_without_a_bill_brings_nothing(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_17)
    send_notice(notice_id=alice.notices.latest("pk").pk, now=MARCH_17)
    assert mail.outbox[0].attachments == []


def test_who_has_chosen_no_language_gets_the_networks(notice, settings):
    settings.LANGUAGE_CODE = "nl"
    send_notice(notice_id=notice.pk, now=MARCH_1)
    assert "Dag Alice," in mail.outbox[0].body


def test_a_kind_that_does_not_exist_fails_at_once(alice):
    with pytest.raises(ValueError, match="There is no mail 'renwed'"):
        notify(alice, "renwed", reference="x", now=MARCH_1)


def test_facts_that_are_missing_fail_at_once(alice):
    with pytest.raises(ValueError, match="needs the facts amount, at"):
        notify(alice, "trial_ending", reference="x", now=MARCH_1)


def test_facts_are_kept_as_json(alice):
    notice = notify(alice, "trial_ending", reference="x", facts={"amount": 1, "at": MARCH_17}, now=MARCH_1)
    assert fresh(notice).facts == {"amount": 1, "at": "2026-03-17T00:00:00+00:00"}


def test_pauses_grow():
    assert list(sending.PAUSES) == sorted(sending.PAUSES)
