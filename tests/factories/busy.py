"""A world in which all that moves money has happened once, for the books to be checked."""

from datetime import UTC, datetime, timedelta

from accounts.models import User
from checkout.models import Order
from checkout.operations.pay import give_up, reconcile
from checkout.operations.undo import undo
from memberships.models import Membership
from memberships.operations.lifecycle import cancel_at_period_end, cancel_now
from memberships.operations.refunds import refund
from memberships.operations.transfers import record_receipt
from memberships.operations.wallet import adjust
from products.models import TaxRate
from tests.factories.catalogue import Catalogue, discount
from tests.factories.world import YEARLY, World

DECLINES_LATER = "4000000000000341"
JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
MID_JANUARY = datetime(2026, 1, 17, tzinfo=UTC)
MID_FEBRUARY = datetime(2026, 2, 12, tzinfo=UTC)
AFTERWARDS = datetime(2026, 2, 12, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def busy_world(world: World, catalogue: Catalogue, staff: User) -> dict[str, Membership]:
    """January and February 2026 of a dozen members, by name; afterwards it is noon on 12 February."""
    for plan in (catalogue.premium, catalogue.business):
        plan.tax_rate = TaxRate.objects.get_or_create(name="NL", defaults={"percent": 21})[0]
        plan.save()
    discount("WELCOME", percent=10, periods=3)
    discount("SPRING", percent=50, periods=1, most_uses=1)
    premium, business, free = catalogue.premium, catalogue.business, catalogue.free
    names = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy")
    member = {name: world.signs_up(name, premium, now=JANUARY) for name in names}
    member["kim"] = world.signs_up("kim", free, now=JANUARY)
    member["leo"] = world.signs_up("leo", premium, now=JANUARY, interval=YEARLY, code="WELCOME")
    cancel_at_period_end(membership=member["judy"], actor=staff, reason="Moving", now=JANUARY)

    # alice upgrades; bob upgrades with a code and undoes it; carol adds packages; dave goes down at the period's end
    world.pays(world.orders(member["alice"], business, now=MID_JANUARY), now=MID_JANUARY)
    order = world.pays(world.orders(member["bob"], business, now=MID_JANUARY, code="SPRING"), now=MID_JANUARY)
    undo(order=order, actor=member["bob"].customer.user, now=MID_JANUARY + HOUR)
    extras = {catalogue.disk: 2, catalogue.design: 1}
    world.pays(world.orders(member["carol"], premium, now=MID_JANUARY, addons=extras), now=MID_JANUARY)
    world.orders(member["dave"], free, now=MID_JANUARY)
    # erin gets a gift and some of her money back; frank pays too late; grace by transfer, and more than she was asked
    adjust(membership=member["erin"], amount=777, note="Gift", actor=staff, reference="gift", now=MID_JANUARY)
    paid = Order.objects.get(membership=member["erin"]).payment
    assert paid is not None
    refund(payment=paid, amount=1000, reason="Slow", actor=staff, now=MID_JANUARY)
    late = world.orders(member["frank"], business, now=MID_JANUARY)
    page = world.opens_the_page(late, now=MID_JANUARY)
    Membership.objects.filter(pk=member["frank"].pk).update(revision=9)
    world.gateway.pay(page.gateway_ref)
    reconcile(order=late, now=MID_JANUARY)
    by_bank = world.orders(member["grace"], business, now=MID_JANUARY)
    assert by_bank.payment is not None
    for number, part in enumerate((5000, by_bank.payment.amount)):
        record_receipt(
            payment=by_bank.payment, amount=part, received_at=MID_JANUARY, bank_reference=f"b-{number}",
            actor=staff, now=MID_JANUARY,
        )  # fmt: skip
    reconcile(order=by_bank, now=MID_JANUARY)
    # heidi's card is declined from now on; ivan is cancelled at once; leo goes monthly with credit left over
    world.gateway.change_card(world.card_of(member["heidi"]).gateway_ref, card=DECLINES_LATER)
    cancel_now(membership=member["ivan"], actor=staff, reason="Spam", refund=True, now=MID_JANUARY)
    world.orders(member["leo"], business, now=MID_JANUARY)
    # kim begins to buy and gives up
    unpaid = world.orders(member["kim"], premium, now=MID_JANUARY)
    give_up(order=unpaid, state=Order.State.CANCELLED, now=MID_JANUARY)

    world.walk(JANUARY + timedelta(days=18), MID_FEBRUARY)
    # judy comes back; kim buys; heidi's bill stays open
    world.pays(world.orders(member["judy"], premium, now=MID_FEBRUARY), now=MID_FEBRUARY)
    world.pays(world.orders(member["kim"], premium, now=MID_FEBRUARY), now=MID_FEBRUARY)
    return {name: world.fresh(membership) for name, membership in member.items()}
