"""What would become of a membership, told without anything happening."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import override_settings
from django.utils import timezone

from checkout.operations.rehearsal import LONGEST, Row, TooLong, rehearse
from checkout.operations.undo import undo
from memberships.billing.choose import network_gateway
from memberships.billing.rehearsal import CardBehaviour
from memberships.models import Membership, PaymentMethod
from products.models import Price
from sites.models import Site
from tests.factories.catalogue import MONTH, discount, product
from tests.factories.world import YEARLY, World

MARCH_1 = datetime(2026, 3, 1, 10, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)


@pytest.fixture
def alice(world, catalogue):
    """On Premium (30.00) from 1 March 2026, 10 o'clock, card saved."""
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@contextmanager
def nobody_answers() -> Iterator[None]:
    """The gateway's address leads nowhere: who asks it, fails."""
    with override_settings(STRIPE_API_BASE="http://127.0.0.1:9"):
        network_gateway.cache_clear()
        yield
    network_gateway.cache_clear()


@pytest.fixture
def site_of():
    """A site's row; what is in it does not matter here."""
    return lambda membership: Site.objects.create(
        name="Garden", slug="garden", membership=membership, created_at=MARCH_1
    )


def rows(membership: Membership, *, until: str, card: str = "works", now: datetime = MARCH_17) -> list[Row]:
    end = datetime.fromisoformat(f"{until}T23:00Z")
    with nobody_answers():
        rehearsal = rehearse(membership=membership, until=end, card=CardBehaviour(card), now=now)
    assert rehearsal.stopped == ""
    return list(rehearsal.rows)


def told(rows: list[Row]) -> list[tuple[str, str, int | None, str]]:
    return [(f"{row.at:%m-%d %H:%M}", row.what, row.amount, row.state) for row in rows]


def test_renewals_with_their_bills_and_mails(alice):
    found = rows(alice, until="2026-05-31")
    assert told(found) == [
        ("04-01 10:00", "Renewed Premium", 3000, "Active"),
        ("05-01 10:00", "Renewed Premium", 3000, "Active"),
    ]
    assert [(row.next_amount, f"{row.next_at:%m-%d}") for row in found] == [(3000, "05-01"), (3000, "06-01")]
    assert all("Premium" in row.mail or "€30.00" in row.mail for row in found)


def test_a_card_that_is_declined_until_the_sites_are_closed(world, alice, site_of):
    site_of(alice)
    assert told(rows(alice, until="2026-05-05", card="declines")) == [
        ("04-01 10:00", "Could not be charged", 3000, "Payment overdue"),
        ("04-01 10:00", "Active → Payment overdue", None, "Payment overdue"),
        ("04-01 10:00", "Mail", None, "Payment overdue"),
        ("04-02 10:00", "Could not be charged", 3000, "Payment overdue"),
        ("04-02 10:00", "Mail", None, "Payment overdue"),
        ("04-04 10:00", "Could not be charged", 3000, "Payment overdue"),
        ("04-04 10:00", "Mail", None, "Payment overdue"),
        ("04-08 10:00", "Could not be charged", 3000, "Payment overdue"),
        ("04-08 10:00", "Mail", None, "Payment overdue"),
        ("04-15 10:00", "Payment overdue → Expired", None, "Expired"),
        ("04-15 10:00", "The sites are read-only for their owner", None, "Expired"),
        ("04-15 10:00", "Mail", None, "Expired"),
        ("04-29 10:00", "Visitors of the sites see a notice", None, "Expired"),
    ]


def test_a_bank_that_wants_a_confirmation(alice):
    found = rows(alice, until="2026-04-01", card="needs-confirmation")
    assert told(found)[:2] == [
        ("04-01 10:00", "Asked for a confirmation", 3000, "Payment overdue"),
        ("04-01 10:00", "Active → Payment overdue", None, "Payment overdue"),
    ]


def test_a_planned_downgrade_with_its_reminders(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=MARCH_17)
    found = rows(alice, until="2026-06-01")
    assert told(found) == [
        ("03-25 10:00", "Mail", None, "Active"),
        ("03-31 10:00", "Mail", None, "Active"),
        ("04-01 10:00", "Changed Premium → Free", None, "Active"),
    ]
    assert (found[-1].next_amount, found[-1].next_at) == (None, None)


def test_a_trial_that_becomes_paid_and_a_code_that_runs_out(world, catalogue):
    discount("WELCOME", percent=50, periods=1)
    taster = product("taster", group=catalogue.high_end, rank=2, prices={MONTH: 3000})
    Price.objects.filter(product=taster).update(trial_days=14)
    bob = world.signs_up("bob", taster, now=MARCH_1, code="WELCOME")
    world.saves_a_card(bob, now=MARCH_1)
    found = rows(bob, until="2026-04-20", now=MARCH_1 + timedelta(hours=1))
    assert told(found) == [
        ("03-12 10:00", "Mail", None, "Trial"),
        ("03-15 10:00", "Trial → Active", None, "Active"),
        ("03-15 10:00", "Renewed Taster", 1500, "Active"),
        ("04-15 10:00", "Renewed Taster", 3000, "Active"),
    ]


def test_the_end_of_a_year_through_29_february(world, catalogue):
    leap = datetime(2028, 2, 29, 9, tzinfo=UTC)
    carol = world.signs_up("carol", catalogue.premium, now=leap, interval=YEARLY)
    found = rows(carol, until="2030-03-05", now=leap + timedelta(days=1))
    assert [(f"{row.at:%Y-%m-%d}", row.what) for row in found if row.what != "Mail"] == [
        ("2029-02-28", "Renewed Premium"),
        ("2030-02-28", "Renewed Premium"),
    ]


def test_nothing_happens(world, catalogue, alice):
    """Rows, sequences and locks of every table are as they were, and the gateway knows nothing."""
    before, gateway = _everything(), _moved(world)
    rows(alice, until="2026-06-01", card="works")
    rows(alice, until="2026-06-01", card="declines")
    assert _everything() == before
    assert _moved(world) == gateway
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'")
        assert cursor.fetchone() == (0,)


def test_who_was_rehearsed_can_still_do_what_they_like(world, catalogue, alice):
    rows(alice, until="2026-05-01")
    order = world.pays(world.orders(alice, catalogue.business, now=MARCH_17), now=MARCH_17)
    undo(order=order, actor=None, now=MARCH_17)
    assert world.fresh(alice).period_end == datetime(2026, 4, 1, 10, tzinfo=UTC)


def test_a_time_gone_by_or_too_far_away_cannot_be_rehearsed(alice):
    now = timezone.now()
    for until in (now, now - timedelta(days=1), now + LONGEST + timedelta(seconds=1)):
        with pytest.raises(TooLong):
            rehearse(membership=alice, until=until, card=CardBehaviour.WORKS, now=now)


def _moved(world: World) -> dict[str, object]:
    """What has happened at the gateway."""
    state = world.gateway.state()
    return {name: state[name] for name in ("charges", "refunds", "events")}


def test_a_jump_from_date_to_date_misses_nothing_that_a_walk_by_the_day_finds(
    world, catalogue, alice, monkeypatch
):
    judy = world.signs_up("judy", catalogue.premium, now=MARCH_1, interval=YEARLY)
    world.orders(alice, catalogue.free, now=MARCH_17)
    PaymentMethod.objects.update(exp_year=2027, exp_month=3)
    a_year_later = datetime(2027, 2, 10, tzinfo=UTC)

    def both() -> list[list[Row]]:
        return [
            rows(alice, until="2026-04-10"),
            *(rows(judy, until="2027-04-10", card=card, now=a_year_later) for card in ("works", "declines")),
        ]

    jumped = both()
    monkeypatch.setattr(
        "checkout.operations.rehearsal.next_date",
        lambda _membership, *, after: after.replace(hour=10) + timedelta(days=after.hour >= 10),
    )
    walked = both()
    assert [sorted((row.what, row.mail) for row in each) for each in jumped] == [
        sorted((row.what, row.mail) for row in each) for each in walked
    ]


def _everything() -> dict[str, tuple[object, ...]]:
    """How many rows each table has and what they hold, and where each sequence stands."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*), md5(string_agg(r::text, chr(10) ORDER BY r::text)) FROM "{table}" r'
            )
            found[table] = cursor.fetchone()
        cursor.execute("SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'")
        found["sequences"] = tuple(sorted(cursor.fetchall(), key=str))
    return found
