"""Signing up: from a choice to a membership with its first site. Order and payment are those of a change of plan."""

from checkout.operations.sign_up.addressing import (
    AddressLost,
    address_site,
    hold_for_payment,
    keep_addresses_for_payment,
)
from checkout.operations.sign_up.begin import TooLate, begin, step_of
from checkout.operations.sign_up.finish import leave_abandoned, make_site, make_waiting_sites
from checkout.operations.sign_up.menu import newcomer, sign_up_menu
from checkout.operations.sign_up.price import binding_quote, choice_of

__all__ = [
    "AddressLost",
    "TooLate",
    "address_site",
    "begin",
    "binding_quote",
    "choice_of",
    "hold_for_payment",
    "keep_addresses_for_payment",
    "leave_abandoned",
    "make_site",
    "make_waiting_sites",
    "newcomer",
    "sign_up_menu",
    "step_of",
]
