"""Change a price for the members who have it: named, shown to each beforehand, told by mail, and stoppable until its
day. The renewal of each carries it out; see `what_follows`."""

from datetime import datetime
from functools import partial

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from accounts.models import User
from memberships.models import CampaignMember, Membership, MembershipItem, PriceCampaign
from memberships.models.item import MembershipItemQuerySet
from memberships.signals import price_campaign_settled
from products.models import Price
from products.models.price import PriceQuerySet
from products.operations.prices import revise_price


class PriceChangeRefused(Exception):
    """The change cannot be made; `code` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def prices_in_use() -> PriceQuerySet:
    """The prices that a change can begin from: those that recur, cost something, and that members go on paying."""
    return Price.objects.filter(
        Exists(holders(price=OuterRef("pk"))), interval_unit__in=Price.RECURRING, amount__gt=0
    )


def holders(*, price: int | OuterRef) -> MembershipItemQuerySet:
    """The items that members go on paying `price` for, and for whom no other price is to come."""
    return MembershipItem.objects.live().filter(
        price=price, next_price=None, membership__state__in=CampaignMember.GOING_ON
    )


def sold_instead_of(price: Price) -> Price | None:
    """The version that is sold today where `price` was sold; `price` itself if it still is. None when there is none."""
    return (
        Price.objects.current()
        .filter(
            product=price.product_id,
            currency=price.currency,
            interval_unit=price.interval_unit,
            interval_count=price.interval_count,
        )
        .first()
    )


@transaction.atomic
def draft_campaign(
    *, from_price: Price, amount: int, starts_at: datetime, message: str, actor: User | None, now: datetime
) -> PriceCampaign:
    """Begin a price change to `amount` (minor units) with everybody who has `from_price`. It changes nothing yet.

    Raises PriceChangeRefused: `same` price, `once` or `free`, `in_the_making` already, and for a price that is not sold
    any more `not_sold` or `sold_otherwise`, where members can only move to what is sold.
    """
    check_change(from_price=from_price, amount=amount)
    try:
        with transaction.atomic():
            campaign = PriceCampaign.objects.create(
                from_price=from_price,
                amount=amount,
                starts_at=starts_at,
                message=message,
                created_at=now,
                created_by=actor,
            )
    except IntegrityError:
        raise PriceChangeRefused("in_the_making") from None
    take_in_members(campaign=campaign)
    return campaign


def check_change(*, from_price: Price, amount: int) -> None:
    """Raise PriceChangeRefused where `draft_campaign` would for what is to be changed."""
    if not from_price.is_recurring:
        raise PriceChangeRefused("once")
    if not from_price.amount:
        raise PriceChangeRefused("free")
    if amount == from_price.amount:
        raise PriceChangeRefused("same")
    if from_price.superseded_at is not None:
        sold = sold_instead_of(from_price)
        if sold is None:
            raise PriceChangeRefused("not_sold")
        if sold.amount != amount:
            raise PriceChangeRefused("sold_otherwise")


@transaction.atomic
def edit_campaign(*, campaign: PriceCampaign, amount: int, starts_at: datetime, message: str) -> None:
    """Change what a price change in the making says. Raises PriceChangeRefused: as `draft_campaign`, and `settled`."""
    campaign = _lock(campaign)
    check_change(from_price=campaign.from_price, amount=amount)
    campaign.amount, campaign.starts_at, campaign.message = amount, starts_at, message
    campaign.save(update_fields=["amount", "starts_at", "message"])


@transaction.atomic
def take_in_members(*, campaign: PriceCampaign) -> int:
    """Name everybody who has come to have the price since, too. Answers how many have. Raises PriceChangeRefused:
    `settled`."""
    campaign = _lock(campaign)
    known = CampaignMember.objects.filter(campaign=campaign, membership=OuterRef("membership"))
    found = holders(price=campaign.from_price_id).filter(~Exists(known)).values_list("membership", flat=True)
    rows = [CampaignMember(campaign=campaign, membership_id=pk) for pk in found.order_by("membership")]
    CampaignMember.objects.bulk_create(rows, batch_size=5000)
    return len(rows)


@transaction.atomic
def choose_members(*, campaign: PriceCampaign, member_ids: list[int], moves: bool) -> int:
    """Let these of its members pay the new price, or keep theirs. Answers how many. Raises PriceChangeRefused:
    `settled`."""
    campaign = _lock(campaign)
    return campaign.members.filter(pk__in=member_ids).update(moves=moves)


@transaction.atomic
def publish_campaign(*, campaign: PriceCampaign, actor: User | None, now: datetime) -> int:
    """Sell at the new price from now on, and write it down as the price to come of the members who move; who is not
    among them keeps theirs. The mails follow after the commit. Answers how many move.

    Raises PriceChangeRefused: as `draft_campaign`, `settled` when it was published before, and `too_late` when its day
    has come; PriceReplaced when another version has taken the place of the one that was sold.
    """
    campaign = _lock(campaign)
    if campaign.starts_at <= now:
        raise PriceChangeRefused("too_late")
    check_change(from_price=campaign.from_price, amount=campaign.amount)
    campaign.to_price = _version(campaign, now)
    campaign.state = PriceCampaign.State.PUBLISHED
    campaign.published_at, campaign.published_by = now, actor
    campaign.save(update_fields=["to_price", "state", "published_at", "published_by"])
    moving = campaign.members.filter(moves=True).values_list("membership", flat=True)
    # whoever is being renewed or changed is waited for, so that no item is made without its price to come
    list(Membership.objects.select_for_update().filter(pk__in=moving).order_by("pk").values_list("pk"))
    found = holders(price=campaign.from_price_id).filter(membership__in=moving)
    moved = MembershipItem.objects.filter(pk__in=found.values("pk")).update(
        next_price=campaign.to_price, next_price_from=campaign.starts_at
    )
    _announce(campaign)
    return moved


def _version(campaign: PriceCampaign, now: datetime) -> Price:
    price = campaign.from_price
    if price.superseded_at is None:
        return revise_price(
            price=price,
            amount=campaign.amount,
            setup_fee=price.setup_fee,
            trial_days=price.trial_days,
            now=now,
        )
    sold = sold_instead_of(price)
    assert sold is not None, "a price that nothing is sold instead of was refused"
    return sold


@transaction.atomic
def stop_campaign(*, campaign: PriceCampaign, actor: User | None, now: datetime) -> int:
    """Let everybody keep what they have; who was told of the change is told of that. The version that is sold stays as
    it is. Answers how many keep theirs. Raises PriceChangeRefused: `settled` when there is nothing to stop, `too_late`
    when its day has come."""
    campaign = PriceCampaign.objects.select_for_update().get(pk=campaign.pk)
    if campaign.state != PriceCampaign.State.PUBLISHED:
        raise PriceChangeRefused("settled")
    if campaign.starts_at <= now:
        raise PriceChangeRefused("too_late")
    campaign.state = PriceCampaign.State.STOPPED
    campaign.stopped_at, campaign.stopped_by = now, actor
    campaign.save(update_fields=["state", "stopped_at", "stopped_by"])
    kept = MembershipItem.objects.filter(
        membership__in=campaign.members.values("membership"),
        price=campaign.from_price_id,
        next_price=campaign.to_price_id,
    ).update(next_price=None, next_price_from=None)
    _announce(campaign)
    return kept


def _announce(campaign: PriceCampaign) -> None:
    transaction.on_commit(partial(price_campaign_settled.send_robust, PriceCampaign, campaign_id=campaign.pk))


def _lock(campaign: PriceCampaign) -> PriceCampaign:
    """The campaign as it is now, in the making still. Raises PriceChangeRefused: `settled`."""
    locked = (
        PriceCampaign.objects.select_for_update(of=("self",))
        .select_related("from_price__product")
        .filter(pk=campaign.pk, state=PriceCampaign.State.DRAFT)
        .first()
    )
    if locked is None:
        raise PriceChangeRefused("settled")
    return locked
