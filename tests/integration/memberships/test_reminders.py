"""What customers are reminded of: found by date, told once, and not at all when it is too late."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from accounts.letters import Letter
from memberships import tasks
from memberships.mails.letter import letter_of
from memberships.models import Membership, Notice, PaymentMethod, ScheduledChange
from memberships.notices import notify
from memberships.operations import reminders
from memberships.operations.keep_plan import keep_plan
from memberships.operations.lifecycle import cancel_at_period_end
from tests.factories.catalogue import Catalogue
from tests.factories.world import YEARLY, World

MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
MARCH_17 = datetime(2026, 3, 17, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)


def a_sweep(now: datetime) -> list[str]:
    """Look for everything that is due at `now`; answers the kinds of what was written down, oldest first."""
    seen = Notice.objects.count()
    for kind in reminders.SWEEPS:
        for keys in reminders.in_batches(kind=kind, now=now):
            reminders.remind(kind=kind, keys=keys, now=now)
    return list(Notice.objects.order_by("pk").values_list("kind", flat=True)[seen:])


def said(letter: Letter) -> str:
    """The text as one line."""
    return " ".join(letter.text.split())


def days_before(at: datetime, days: float) -> datetime:
    return at - timedelta(days=days)


@pytest.fixture
def alice(world: World, catalogue: Catalogue) -> Membership:
    return world.signs_up("alice", catalogue.premium, now=MARCH_1)


@pytest.fixture
def yearly(world: World, catalogue: Catalogue) -> Membership:
    """Pays for Premium by the year, the next time on 1 March 2027."""
    return world.signs_up("yvonne", catalogue.premium, now=MARCH_1, interval=YEARLY)


class TestPlannedChanges:
    @pytest.fixture(autouse=True)
    def downgrade(self, world, catalogue, alice):
        world.orders(alice, catalogue.free, now=MARCH_17)

    def test_are_told_a_week_and_a_day_before_once_each(self):
        told = {days: a_sweep(days_before(APRIL_1, days)) for days in (8, 7, 6.9, 2, 1, 0.5)}
        assert told == {8: [], 7: ["reminder_week"], 6.9: [], 2: [], 1: ["reminder_day"], 0.5: []}

    def test_are_caught_up_with_when_the_scheduler_was_away(self):
        assert a_sweep(days_before(APRIL_1, 3)) == ["reminder_week"]
        assert a_sweep(APRIL_1 - A_SECOND) == ["reminder_day"]

    def test_are_not_told_a_week_before_when_it_is_less_than_a_day(self):
        assert a_sweep(days_before(APRIL_1, 0.5)) == ["reminder_day"]

    def test_are_not_told_when_they_have_happened(self):
        assert a_sweep(APRIL_1) == []

    def test_are_not_told_when_they_were_taken_back(self, alice):
        keep_plan(membership=alice, actor=None, now=MARCH_17)
        assert a_sweep(days_before(APRIL_1, 7)) == []

    def test_are_told_anew_when_they_are_planned_anew(self, world, catalogue, alice):
        at = days_before(APRIL_1, 7)
        assert a_sweep(at) == ["reminder_week"]
        keep_plan(membership=alice, actor=None, now=at)
        world.orders(alice, catalogue.free, now=at + A_SECOND)
        assert a_sweep(days_before(APRIL_1, 1)) == ["reminder_day"]

    def test_the_reminder_says_what_is_had_then_and_how_to_stay(self):
        a_sweep(days_before(APRIL_1, 7))
        letter = letter_of(Notice.objects.get(kind="reminder_week"), language="en")
        assert letter.subject == "Reminder: your change takes effect on 1 April 2026"
        assert "From 1 April 2026 on you have:\n- Free" in letter.text
        assert "Keep my plan" in letter.text


def test_a_change_planned_in_the_last_week_is_not_told_of_at_once(world, catalogue, alice):
    world.orders(alice, catalogue.free, now=days_before(APRIL_1, 3))
    assert a_sweep(days_before(APRIL_1, 2.9)) == []
    assert a_sweep(days_before(APRIL_1, 1)) == ["reminder_day"]


def test_who_cancelled_is_told_when_it_ends_and_of_no_bill(alice):
    cancel_at_period_end(membership=alice, actor=None, reason="", now=MARCH_17)
    assert a_sweep(days_before(APRIL_1, 7)) == ["reminder_week"]
    letter = letter_of(Notice.objects.latest("pk"), language="en")
    assert letter.subject == "Reminder: your membership ends on 1 April 2026"
    assert "no bill follows" in said(letter)
    assert "Next bill" not in letter.text


class TestRenewals:
    IN_2027 = datetime(2027, 3, 1, tzinfo=UTC)

    def test_of_a_year_are_told_two_weeks_before_with_amount_date_and_card(self, yearly):
        assert a_sweep(days_before(self.IN_2027, 14) - A_SECOND) == []
        assert a_sweep(days_before(self.IN_2027, 14)) == ["renewal_coming"]
        assert a_sweep(days_before(self.IN_2027, 2)) == []
        letter = letter_of(Notice.objects.latest("pk"), language="en")
        assert letter.subject == "Premium is renewed on 1 March 2027: €300.00"
        assert "€300.00 is then charged to Visa •••• 4242." in said(letter)

    def test_are_told_again_the_year_after(self, yearly):
        a_sweep(days_before(self.IN_2027, 14))
        later = self.IN_2027.replace(year=2028)
        Membership.objects.filter(pk=yearly.pk).update(period_start=self.IN_2027, period_end=later)
        assert a_sweep(days_before(later, 14)) == ["renewal_coming"]

    def test_of_a_month_are_not_told(self, alice):
        assert a_sweep(days_before(APRIL_1, 1)) == []

    def test_that_will_not_come_are_not_told(self, yearly):
        cancel_at_period_end(membership=yearly, actor=None, reason="", now=MARCH_17)
        assert a_sweep(days_before(self.IN_2027, 14)) == []


class TestTrials:
    @pytest.fixture
    def trial(self, world, catalogue):
        catalogue.premium.prices.update(trial_days=14)
        return world.signs_up("tom", catalogue.premium, now=MARCH_1)

    MARCH_15 = datetime(2026, 3, 15, tzinfo=UTC)

    def test_are_told_three_days_before_and_that_there_is_no_card(self, trial):
        assert trial.trial_end == self.MARCH_15
        assert a_sweep(days_before(self.MARCH_15, 3) - A_SECOND) == []
        assert a_sweep(days_before(self.MARCH_15, 3)) == ["trial_ending"]
        assert a_sweep(days_before(self.MARCH_15, 1)) == []
        letter = letter_of(Notice.objects.latest("pk"), language="en")
        assert letter.subject == "Your trial of Premium ends on 15 March 2026"
        assert "€30.00 is then due, and you have no saved card yet." in said(letter)
        assert f"/account/{trial.uid}/#payment" in letter.text

    def test_of_less_than_that_are_not_told_as_soon_as_they_begin(self, world, catalogue):
        catalogue.premium.prices.update(trial_days=2)
        world.signs_up("tom", catalogue.premium, now=MARCH_1)
        assert a_sweep(MARCH_1 + timedelta(hours=1)) == []


class TestCards:
    DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)

    @pytest.fixture
    def december(self, world):
        """Lets a member's card end in December 2026."""

        def card(membership: Membership) -> PaymentMethod:
            card = world.card_of(membership)
            card.exp_year, card.exp_month = 2026, 12
            card.save()
            return card

        return card

    def test_that_end_are_told_of_in_their_last_month_once(self, yearly, december):
        december(yearly)
        assert a_sweep(self.DECEMBER - A_SECOND) == []
        assert a_sweep(self.DECEMBER) == ["card_expiring"]
        assert a_sweep(self.DECEMBER + timedelta(days=20)) == []
        letter = letter_of(Notice.objects.latest("pk"), language="en")
        assert letter.subject == "Your card Visa •••• 4242 expires at the end of December 2026"
        assert "Next bill: €300.00 on 1 March 2027." in said(letter)

    def test_that_nothing_is_charged_to_are_nobodys_worry(self, world, catalogue, yearly, december):
        december(yearly)
        cancel_at_period_end(membership=yearly, actor=None, reason="", now=MARCH_17)
        assert a_sweep(self.DECEMBER) == []

    def test_of_the_past_are_nobodys_worry(self, yearly, december):
        card = december(yearly)
        PaymentMethod.objects.filter(pk=card.pk).update(is_default=False)
        assert a_sweep(self.DECEMBER) == []


def test_the_task_finds_writes_and_leads_to_a_mail(world, catalogue, alice, monkeypatch):
    world.orders(alice, catalogue.free, now=MARCH_17)
    now = days_before(APRIL_1, 7)
    monkeypatch.setattr(timezone, "now", lambda: now)
    monkeypatch.setattr(tasks.write_reminders, "enqueue", tasks.write_reminders)
    tasks.queue_reminders()
    tasks.queue_reminders()
    assert Notice.objects.filter(kind="reminder_week").count() == 1


def test_two_runs_at_once_tell_once(world, catalogue, alice, monkeypatch):
    """The second has read its rows before the first has written."""
    world.orders(alice, catalogue.free, now=MARCH_17)
    now = days_before(APRIL_1, 7)
    sweep = reminders.SWEEPS["reminder_week"]
    rows = list(sweep.due(now)) * 2
    assert [reminders._told(sweep, row, now) for row in rows] == [True, False]


def test_one_in_trouble_keeps_nobody_else_waiting(world, catalogue, alice, monkeypatch):
    for membership in (alice, world.signs_up("bob", catalogue.premium, now=MARCH_1)):
        world.orders(membership, catalogue.free, now=MARCH_17)

    def refuse_alice(membership, *args, **kwargs):
        if membership == alice:
            raise RuntimeError("trouble")
        return notify(membership, *args, **kwargs)

    monkeypatch.setattr(reminders, "notify", refuse_alice)
    assert a_sweep(days_before(APRIL_1, 7)) == ["reminder_week"]


def test_a_member_alone_can_be_reminded(world, catalogue, alice, yearly):
    world.orders(alice, catalogue.free, now=MARCH_17)
    now = days_before(APRIL_1, 7)
    assert reminders.remind_member(membership=yearly, now=now) == 0
    assert reminders.remind_member(membership=alice, now=now) == 1


@pytest.mark.parametrize("kind", reminders.SWEEPS)
def test_a_batch_is_found_with_one_statement(db, kind, django_assert_num_queries):
    Membership.objects.exists()  # the connection has found its schema
    with django_assert_num_queries(1):
        assert list(reminders.in_batches(kind=kind, now=APRIL_1)) == []


def test_who_was_told_is_not_looked_at_again(world, catalogue, alice, yearly):
    PaymentMethod.objects.update(exp_year=2026, exp_month=3)
    world.orders(alice, catalogue.free, now=MARCH_17)
    now = days_before(APRIL_1, 7)
    assert sorted(a_sweep(now)) == ["card_expiring", "card_expiring", "reminder_week"]
    assert [keys for kind in reminders.SWEEPS for keys in reminders.in_batches(kind=kind, now=now)] == []


def test_batches_come_one_after_another(world, catalogue, alice, monkeypatch):
    monkeypatch.setattr(reminders, "SIZE", 1)
    for membership in (alice, world.signs_up("bob", catalogue.premium, now=MARCH_1)):
        world.orders(membership, catalogue.free, now=MARCH_17)
    found = list(reminders.in_batches(kind="reminder_week", now=days_before(APRIL_1, 7)))
    assert found == [[change.pk] for change in ScheduledChange.objects.order_by("pk")]
