"""Which state is good news, in the colours of Unfold's labels."""

from memberships.models import (
    Attempt,
    DiscountUse,
    InboundEvent,
    Membership,
    Payment,
    PriceCampaign,
    Refund,
    ScheduledChange,
)

GOOD, BUSY, BAD, PLAIN = "success", "warning", "danger", "info"

MEMBERSHIP = {
    Membership.State.PENDING: BUSY,
    Membership.State.TRIALING: PLAIN,
    Membership.State.ACTIVE: GOOD,
    Membership.State.PAST_DUE: BAD,
}
PAYMENT = {Payment.State.OPEN: BUSY, Payment.State.PAID: GOOD}
ATTEMPT = {
    Attempt.State.STARTED: BUSY,
    Attempt.State.WAITING: BUSY,
    Attempt.State.SUCCEEDED: GOOD,
    Attempt.State.FAILED: BAD,
}
REFUND = {
    Refund.State.STARTED: BUSY,
    Refund.State.PENDING: BUSY,
    Refund.State.SUCCEEDED: GOOD,
    Refund.State.FAILED: BAD,
}
EVENT = {
    InboundEvent.State.RECEIVED: BUSY,
    InboundEvent.State.HANDLED: GOOD,
    InboundEvent.State.FAILED: BAD,
}
PRICE_CHANGE = {PriceCampaign.State.DRAFT: BUSY, PriceCampaign.State.PUBLISHED: GOOD}
SCHEDULED = {ScheduledChange.State.PENDING: BUSY, ScheduledChange.State.APPLIED: GOOD}
DISCOUNT_USE = {DiscountUse.State.RESERVED: BUSY, DiscountUse.State.LIVE: GOOD}
