"""Mails in the network admin: what was sent, sending it again, what each kind looks like, and the timeline."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.models import User
from memberships.mails.sending import send_notice
from memberships.models import Membership, Notice
from memberships.notices import KINDS, AlreadyOnItsWay, notify_again
from tests.factories.catalogue import Catalogue
from tests.factories.world import World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
LIST = "/admin/memberships/notice/"
ALL = f"{LIST}all/"


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def receipt(alice) -> Notice:
    """Alice's first mail, sent."""
    notice = alice.notices.get()
    assert send_notice(notice_id=notice.pk, now=timezone.now())
    return fresh(notice)


@pytest.fixture
def reader(db) -> Client:
    """Somebody who may see mails and send none."""
    user = User.objects.create_user("reader@network.example", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_notice"))
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def fresh(notice: Notice) -> Notice:
    return Notice.objects.get(pk=notice.pk)


def page_of(notice: Notice) -> str:
    return f"{LIST}{notice.pk}/change/"


def sends_again(client: Client, notice: Notice):
    form = {"action": "send_again", "_selected_action": [notice.pk]}
    return client.post(LIST, form, follow=True)


def test_the_list_says_who_got_what_and_whether_it_went_out(desk, receipt):
    html = desk.get(LIST).content.decode()
    assert "alice@example.com" in html
    assert receipt.subject in html
    assert KINDS[receipt.kind].title in html
    assert "Sent" in html


@pytest.mark.parametrize(
    ("chosen", "found"),
    [("state=sent", 1), ("state=waiting", 0), ("state=given_up", 0), ("kind=expired", 0), ("q=alice", 1)],
)
def test_the_list_is_narrowed(desk, receipt, chosen, found):
    assert desk.get(f"{LIST}?{chosen}").context["cl"].result_count == found


def test_a_mail_is_shown_as_it_was_sent(desk, receipt):
    Notice.objects.filter(pk=receipt.pk).update(body="The text of that day.")
    html = desk.get(page_of(receipt)).content.decode()
    assert "The text of that day." in html
    assert f"{LIST}{receipt.pk}/html/" in html


def test_its_html_runs_and_fetches_nothing_and_is_framed_by_us_alone(desk, receipt):
    answer = desk.get(f"{LIST}{receipt.pk}/html/")
    assert answer["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'self'"
    )
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert receipt.subject in answer.content.decode()


def test_a_mail_that_cannot_be_written_says_why(desk, receipt):
    Notice.objects.filter(pk=receipt.pk).update(kind="of_former_times", body="")
    for address in (page_of(receipt), f"{LIST}{receipt.pk}/html/"):
        answer = desk.get(address)
        assert answer.status_code == 200
        assert "KeyError" in answer.content.decode()


def test_sending_again_is_another_mail_and_says_who_asked(desk, staff, receipt, alice):
    User.objects.filter(pk=alice.customer.user_id).update(email="new@example.com")
    sends_again(desk, receipt)
    again = Notice.objects.get(repeats=receipt)
    assert (again.kind, again.to, again.actor) == (receipt.kind, "new@example.com", staff)
    assert send_notice(notice_id=again.pk, now=timezone.now())
    first, second = mail.outbox
    assert (first.subject, first.body) == (second.subject, second.body)
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]


def test_what_is_on_its_way_is_not_sent_twice(desk, receipt):
    sends_again(desk, receipt)
    assert "is already on its way" in sends_again(desk, receipt).content.decode()
    assert Notice.objects.filter(repeats=receipt).count() == 1


def test_a_repetition_that_is_repeated_repeats_the_first(staff, receipt):
    again = notify_again(notice=receipt, actor=staff, now=MARCH_1)
    with pytest.raises(AlreadyOnItsWay):
        notify_again(notice=again, actor=staff, now=MARCH_1)
    send_notice(notice_id=again.pk, now=timezone.now())
    assert notify_again(notice=again, actor=staff, now=MARCH_1).repeats == receipt


def test_who_may_only_look_cannot_send(reader, receipt):
    assert "Send again" not in reader.get(page_of(receipt)).content.decode()
    sends_again(reader, receipt)
    assert Notice.objects.count() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_looked_at(desk, kind):
    answer = desk.get(ALL, {"kind": kind, "language": "nl"})
    assert answer.context["letter"].subject in unescape(answer.content.decode())
    assert desk.get(f"{ALL}html/", {"kind": kind, "language": "nl"}).status_code == 200
    assert Notice.objects.count() == 0


def test_the_menu_leads_to_all_mails_and_the_first_kind_is_open(desk):
    assert f'href="{ALL}"' in desk.get("/admin/").content.decode()
    assert desk.get(ALL).context["kind"] == "welcome"


@pytest.mark.parametrize("asked", [{"kind": "spam"}, {"language": "xx"}])
def test_a_kind_or_language_that_is_not_there_is_not_found(desk, asked):
    assert desk.get(ALL, asked).status_code == 404


@pytest.mark.parametrize("address", [LIST, ALL, f"{ALL}html/"])
def test_mails_are_for_staff_who_may_see_them(address, db):
    user = User.objects.create_user("clerk@network.example", is_staff=True)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    assert client.get(address).status_code == 403


def test_the_timeline_tells_what_happened_and_what_was_told_in_order_of_time(desk, world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_1 + timedelta(days=16))
    page = desk.get(f"/admin/memberships/membership/{alice.pk}/change/")
    assert [(entry.what, bool(entry.link)) for entry in page.context["timeline"]] == [
        ("Change planned", True),
        ("Downgraded Premium → Free", False),
        ("Welcome", True),
        ("Started Premium", False),
        ("Pending → Active", False),
    ]


def test_the_page_of_a_membership_shows_its_timeline(desk, alice, receipt):
    html = desk.get(f"/admin/memberships/membership/{alice.pk}/change/").content.decode()
    assert "Started Premium" in html
    assert page_of(receipt) in html
