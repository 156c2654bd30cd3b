"""What customers are told by mail: every kind there is, and how one is written down. `memberships.mails` sends them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_noop

from accounts.models import User
from memberships.models import Attempt, Customer, Membership, Notice, Payment
from memberships.signals import notice_written, notices_written


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of mail: what it is, when it goes out, and the facts that it needs and no row keeps for it.

    Facts are JSON: amounts in minor units of the membership's currency, instants in ISO 8601.
    """

    title: str
    sent: str
    needs: frozenset[str] = frozenset()


TO_PAY = frozenset({"amount", "payment_reference", "next_try_at", "refusal", "pay_url"})
COMING = frozenset({"amount", "at"})
VISITS = frozenset({"site", "used", "allowed", "at", "until"})

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "welcome": Kind(
            title=gettext_noop("Welcome"),
            sent=gettext_noop("When a membership begins; with its first bill."),
        ),
        "change_done": Kind(
            title=gettext_noop("Change done, with the receipt"),
            sent=gettext_noop("When an upgrade or another change has taken effect at once."),
            needs=frozenset({"limits_before"}),
        ),
        "change_scheduled": Kind(
            title=gettext_noop("Change planned"),
            sent=gettext_noop("When a downgrade is confirmed that waits for the end of the period."),
        ),
        "reminder_week": Kind(
            title=gettext_noop("Reminder, a week before"),
            sent=gettext_noop("Seven days before a planned change or the end of a cancelled membership."),
            needs=frozenset({"change"}),
        ),
        "reminder_day": Kind(
            title=gettext_noop("Reminder, a day before"),
            sent=gettext_noop("One day before a planned change or the end of a cancelled membership."),
            needs=frozenset({"change"}),
        ),
        "change_applied": Kind(
            title=gettext_noop("Planned change in effect, with the receipt"),
            sent=gettext_noop("When a planned change has taken effect."),
            needs=frozenset({"limits_before"}),
        ),
        "change_undone": Kind(
            title=gettext_noop("Upgrade undone"),
            sent=gettext_noop("When a customer takes an upgrade back."),
        ),
        "renewed": Kind(
            title=gettext_noop("Renewal, with the receipt"),
            sent=gettext_noop("When the bill of a new period is paid."),
        ),
        "renewal_coming": Kind(
            title=gettext_noop("Renewal coming"),
            sent=gettext_noop("Fourteen days before a period of a year or longer is renewed."),
            needs=COMING,
        ),
        "price_change": Kind(
            title=gettext_noop("New price announced"),
            sent=gettext_noop("When a price change is published that the member is part of."),
            needs=COMING | {"campaign"},
        ),
        "price_stays": Kind(
            title=gettext_noop("New price called off"),
            sent=gettext_noop("When a price change is stopped that the member was told of."),
            needs=COMING | {"campaign"},
        ),
        "trial_ending": Kind(
            title=gettext_noop("Trial ending"),
            sent=gettext_noop("Three days before a trial ends."),
            needs=COMING,
        ),
        "payment_failed": Kind(
            title=gettext_noop("Payment failed"),
            sent=gettext_noop("When a saved card could not be charged for a bill; each time."),
            needs=TO_PAY,
        ),
        "action_needed": Kind(
            title=gettext_noop("Bank asks for a confirmation"),
            sent=gettext_noop("When a bank wants its customer to confirm a charge to a saved card."),
            needs=TO_PAY,
        ),
        "transfer_instructions": Kind(
            title=gettext_noop("How to pay by bank transfer"),
            sent=gettext_noop("When a customer chooses to pay by bank transfer."),
            needs=TO_PAY | {"until"},
        ),
        "payment_credited": Kind(
            title=gettext_noop("Payment into the wallet"),
            sent=gettext_noop("When money arrives that a bill has no use for."),
        ),
        "refunded": Kind(
            title=gettext_noop("Refund, with the credit note"),
            sent=gettext_noop("When money has been given back."),
            needs=frozenset({"amount"}),
        ),
        "card_expiring": Kind(
            title=gettext_noop("Card expiring"),
            sent=gettext_noop("In the last month of a card that a paid membership is charged to."),
            needs=frozenset({"card", "at"}),
        ),
        "visits_near": Kind(
            title=gettext_noop("Visits nearly used up"),
            sent=gettext_noop("When a site has had four fifths of its visits of a month."),
            needs=VISITS,
        ),
        "visits_over": Kind(
            title=gettext_noop("Visits used up"),
            sent=gettext_noop("When a site has had all its visits of a month."),
            needs=VISITS,
        ),
        "visitors_see_notice": Kind(
            title=gettext_noop("Visitors see a notice"),
            sent=gettext_noop(
                "When visitors begin to see a notice, because a site is over a limit of its plan."
            ),
            needs=frozenset({"site", "limit", "allowed", "at"}),
        ),
        "change_to_pay": Kind(
            title=gettext_noop("Change to pay"),
            sent=gettext_noop("When staff order a change for a customer who is to pay it."),
            needs=TO_PAY | {"until", "change"},
        ),
        "extended": Kind(
            title=gettext_noop("More time"),
            sent=gettext_noop("When staff let a period or a trial end later."),
            needs=frozenset({"at"}),
        ),
        "passed_on": Kind(
            title=gettext_noop("Membership passed on"),
            sent=gettext_noop("When staff transfer a membership; to the customer who had it."),
            needs=frozenset({"sites"}),
        ),
        "taken_over": Kind(
            title=gettext_noop("Membership taken over"),
            sent=gettext_noop("When staff transfer a membership; to the customer who has it now."),
            needs=frozenset({"sites"}),
        ),
        "cancellation_scheduled": Kind(
            title=gettext_noop("Cancellation planned"),
            sent=gettext_noop("When a customer cancels at the end of the period."),
        ),
        "cancelled": Kind(
            title=gettext_noop("Membership ended"),
            sent=gettext_noop("When a cancelled membership has ended."),
        ),
        "expired": Kind(
            title=gettext_noop("Membership expired"),
            sent=gettext_noop("When a membership ends because its bill was not paid."),
        ),
    }
)


def notify(
    membership: Membership,
    kind: str,
    *,
    reference: str,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    to: Customer | None = None,
) -> Notice:
    """Write down, in the caller's transaction, that the customer is to be told; the mail goes out after commit.

    `reference` names what it is about: the mail shows the bill, the change and the wallet entries that bear it.
    Telling the same `kind` of it again is refused by the database. Raises ValueError for a kind that is not in `KINDS`,
    and for facts that the kind needs and did not get; datetimes among them are written as ISO 8601. `to` is another
    customer than the membership's.
    """
    notice = draft(membership, kind, reference=reference, now=now, facts=facts, to=to)
    notice.save(force_insert=True)
    _tell(notice)
    return notice


def draft(
    membership: Membership,
    kind: str,
    *,
    reference: str,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
    to: Customer | None = None,
) -> Notice:
    """The notice that `notify` would write down. Raises what it raises."""
    given = dict(facts or {})
    if kind not in KINDS:
        raise ValueError(f"There is no mail {kind!r}.")
    if missing := KINDS[kind].needs - given.keys():
        raise ValueError(f"The mail {kind!r} needs the facts {', '.join(sorted(missing))}.")
    return Notice(
        membership=membership,
        kind=kind,
        reference=reference,
        to=(to or membership.customer).user.email,
        facts=as_facts(given),
        created_at=now,
        next_try_at=now,
    )


def notify_all(drafts: Iterable[Notice]) -> None:
    """Write down what many customers are to be told, as `notify` does for one: one statement, and one task for all."""
    written = [notice.pk for notice in Notice.objects.bulk_create(drafts)]
    transaction.on_commit(partial(notices_written.send_robust, Notice, notice_ids=written))


class AlreadyOnItsWay(Exception):
    """The notice, or one that repeats it, waits to be sent."""


@transaction.atomic
def notify_again(*, notice: Notice, actor: User | None, now: datetime) -> Notice:
    """Tell the same once more, at the address that its reader has now. Raises AlreadyOnItsWay."""
    first = (
        Notice.objects.select_for_update(of=("self",))
        .select_related("membership__customer__user")
        .get(pk=notice.repeats_id or notice.pk)
    )
    if Notice.objects.filter(Q(pk=first.pk) | Q(repeats=first), next_try_at__isnull=False).exists():
        raise AlreadyOnItsWay
    again = Notice.objects.create(
        membership=first.membership,
        kind=first.kind,
        reference=f"again-{first.pk}-{first.repetitions.count() + 1}",
        to=reader_of(first).user.email,
        facts=first.facts,
        repeats=first,
        actor=actor,
        created_at=now,
        next_try_at=now,
    )
    _tell(again)
    return again


def reader_of(notice: Notice) -> Customer:
    """Who paid for the membership when `notice` was written: it may have passed to another customer since. One query,
    if it went to another address than the customer has now."""
    told: Notice = notice.repeats or notice
    customer = told.membership.customer
    if told.to == customer.user.email:
        return customer
    later = told.membership.transfers.filter(at__gt=told.created_at)
    if told.kind == "passed_on":
        later = told.membership.transfers.filter(at__gte=told.created_at)
    passed_on = later.select_related("came_from__user").order_by("id").first()
    return passed_on.came_from if passed_on else customer


def _tell(notice: Notice) -> None:
    transaction.on_commit(partial(notice_written.send_robust, Notice, notice_id=notice.pk))


def as_facts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Facts as JSON keeps them."""
    return {name: fact.isoformat() if isinstance(fact, datetime) else fact for name, fact in given.items()}


def facts_of(payment: Payment, *, pay_url: str, **more: Any) -> dict[str, Any]:
    """What the mails about an open payment need: `payment_failed`, `action_needed` and `transfer_instructions`.

    `pay_url` works without signing in. More facts: `until` when a transfer is waited for, and when the membership
    `expires_at` unless it is paid.
    """
    failed = payment.attempts.filter(state=Attempt.State.FAILED).order_by("number").last()
    return {
        "amount": payment.amount,
        "payment_reference": payment.reference,
        "next_try_at": payment.next_try_at,
        "refusal": failed.refusal if failed else "",
        "pay_url": pay_url,
        **more,
    }
