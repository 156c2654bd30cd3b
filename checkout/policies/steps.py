"""What the next step of a sign-up is. Pure, and the one place that says so.

| the rows say | the next step |
|---|---|
| the site is there, or is made once its name is looked at | `MAKING` |
| an order waits for its money | `PAYMENT` |
| no address is held (any more) | `SITE` |
| a membership that has begun | `MAKING` |
| otherwise | `REVIEW` |

Before there is a row, that is before there is an account, the choice travels in the page's address: `PLAN`, `ACCOUNT`.
"""

from enum import StrEnum


class Step(StrEnum):
    PLAN = "plan"
    ACCOUNT = "account"
    SITE = "site"
    REVIEW = "review"
    PAYMENT = "payment"
    MAKING = "making"


def next_step(*, has_site: bool, is_member: bool, has_address: bool, waits_for_money: bool) -> Step:
    """`is_member`: the membership has begun, by a payment, a trial or because the plan is free."""
    if has_site:
        return Step.MAKING
    if waits_for_money:
        return Step.PAYMENT
    if not has_address:
        return Step.SITE
    return Step.MAKING if is_member else Step.REVIEW
