"""A scenario: all that a price depends on, checked when it is made. Nothing else can move a figure."""

from dataclasses import dataclass
from datetime import datetime

from products.pricing.facts import Discount, HeldMembership, Policy, Selection
from products.pricing.rules import check


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A membership (None: a new customer) that is to become the selection, as of one instant in one currency.

    Raises ScenarioError when it breaks a rule, so a scenario that exists has a price.
    """

    as_of: datetime
    currency: str
    policy: Policy
    membership: HeldMembership | None
    selection: Selection

    def __post_init__(self) -> None:
        check(
            as_of=self.as_of,
            currency=self.currency,
            policy=self.policy,
            membership=self.membership,
            selection=self.selection,
        )

    @property
    def wallet(self) -> int:
        return 0 if self.membership is None else self.membership.wallet

    @property
    def discount(self) -> Discount | None:
        """The code that counts: the one entered with the change, or else the membership's own; if it is alive."""
        discount = self.selection.discount
        if discount is None and self.membership is not None:
            discount = self.membership.discount
        return discount if discount is not None and discount.alive else None
