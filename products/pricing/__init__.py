"""The pricing kernel: one pure function, `quote`, computes every price. Standard library only.

It reads no clock, no database and no settings: a Scenario goes in, a Quote comes out.
"""

from products.pricing.ahead import bill_from
from products.pricing.charges import LineType
from products.pricing.errors import ScenarioError
from products.pricing.explain import Explanations, explain
from products.pricing.facts import (
    Discount,
    HeldItem,
    HeldMembership,
    ItemType,
    OnUpgrade,
    Paid,
    Policy,
    PriceToCome,
    Selection,
    Status,
    WantedItem,
)
from products.pricing.kinds import Kind
from products.pricing.lines import Line
from products.pricing.money import DECIMALS, Money
from products.pricing.period import Interval, Period, Unit, add, next_period, nth_period
from products.pricing.quote import Effective, NextBill, Quote, quote, renewal
from products.pricing.scenario import Scenario
from products.pricing.wire import (
    discount_from_json,
    discount_to_json,
    quote_from_json,
    quote_to_json,
    scenario_from_json,
    scenario_to_json,
)

__all__ = [
    "DECIMALS",
    "Discount",
    "Effective",
    "Explanations",
    "HeldItem",
    "HeldMembership",
    "Interval",
    "ItemType",
    "Kind",
    "Line",
    "LineType",
    "Money",
    "NextBill",
    "OnUpgrade",
    "Paid",
    "Period",
    "Policy",
    "PriceToCome",
    "Quote",
    "Scenario",
    "ScenarioError",
    "Selection",
    "Status",
    "Unit",
    "WantedItem",
    "add",
    "bill_from",
    "discount_from_json",
    "discount_to_json",
    "explain",
    "next_period",
    "nth_period",
    "quote",
    "quote_from_json",
    "quote_to_json",
    "renewal",
    "scenario_from_json",
    "scenario_to_json",
]
