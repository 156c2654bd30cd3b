"""Who works is killed at each of their steps, the broker forgets, connections break: in the end it was done once.

The work is stopped at a step by a lock on the table that the step writes to; then SIGKILL.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.processes.conftest import Play

# what a payment's webhook makes the worker write, in order
FULFILMENT = (
    "memberships_attempt", "memberships_payment", "memberships_paymentmethod", "memberships_membershipitem",
    "memberships_invoice", "memberships_invoiceline", "memberships_transition", "memberships_membership",
    "checkout_order", "memberships_notice",
)  # fmt: skip
# what the schedule makes it write before and around the charge
RENEWAL = (
    "checkout_quote", "checkout_order", "memberships_payment", "memberships_attempt",
    "memberships_invoice", "memberships_invoicecounter", "memberships_membership", "memberships_notice",
)  # fmt: skip


def after_an_upgrade() -> dict[str, Any]:
    return {
        "state": "active",
        "plan": ["premium"],
        "orders": [["new", "fulfilled"], ["upgrade", "fulfilled"]],
        "paid": 1,
        "attempts": ["succeeded"],
        "invoices": 1,
        "changes": ["new", "upgrade"],
        "unsent": 0,
    }


def after_a_renewal() -> dict[str, Any]:
    return {
        "state": "active",
        "plan": ["premium"],
        "orders": [["new", "fulfilled"], ["renewal", "fulfilled"]],
        "paid": 2,
        "attempts": ["succeeded", "succeeded"],
        "invoices": 2,
        "changes": ["new", "renewal"],
        "unsent": 0,
    }


@pytest.fixture(autouse=True)
def _well_behaved_gateway(play: Play) -> Iterator[None]:
    yield
    play.stack.gateway.control(fail_next=None, duplicate=0, drop=None, reorder=False)


def heals(play: Play, name: str, stands: dict[str, Any], *, charged: int) -> None:
    """One sweep later all is as it should be, money moved once, and the books agree."""
    play.do("a_while_later")
    play.do("sweep")
    play.wait_until(name, **stands)
    assert play.stack.gateway.state()["charges"]["succeeded"] == charged
    assert play.do("wrong") == []


@pytest.mark.parametrize("table", FULFILMENT)
def test_a_worker_killed_while_it_applies_a_payment_has_done_it_once_in_the_end(play: Play, table: str):
    name = f"f{FULFILMENT.index(table)}"
    play.do("signs_up", name=name, plan="free")
    ref = play.do("orders", name=name, plan="premium")["ref"]
    charged = play.stack.gateway.state()["charges"]["succeeded"]
    with play.nobody_writes_to(table) as the_worker_waits:
        play.stack.gateway.pay(ref)
        the_worker_waits()
        play.kill_who_works()
    heals(play, name, after_an_upgrade(), charged=charged + 1)


@pytest.mark.parametrize("table", RENEWAL)
def test_a_worker_killed_while_it_renews_has_billed_once_in_the_end(play: Play, table: str):
    name = f"r{RENEWAL.index(table)}"
    play.stack.gateway.pay(play.do("signs_up", name=name, plan="premium")["ref"])
    play.wait_until(name, plan=["premium"], unsent=0)
    charged = play.stack.gateway.state()["charges"]["succeeded"]
    play.do("is_due", name=name)
    with play.nobody_writes_to(table) as the_worker_waits:
        play.do("sweep")
        the_worker_waits()
        play.kill_who_works()
    heals(play, name, after_a_renewal(), charged=charged + 1)


def test_a_whole_worker_killed_in_the_middle_leaves_nothing_undone(play: Play):
    play.do("signs_up", name="whole", plan="free")
    ref = play.do("orders", name="whole", plan="premium")["ref"]
    charged = play.stack.gateway.state()["charges"]["succeeded"]
    with play.nobody_writes_to("memberships_invoice") as the_worker_waits:
        play.stack.gateway.pay(ref)
        the_worker_waits()
        play.kill_the_worker()
    play.stack.start_worker()
    heals(play, "whole", after_an_upgrade(), charged=charged + 1)


@pytest.mark.parametrize("table", ["memberships_payment", "memberships_invoice", "checkout_order"])
def test_a_database_that_goes_away_in_the_middle_has_it_once_in_the_end(play: Play, table: str):
    name = f"d{FULFILMENT.index(table)}"
    play.do("signs_up", name=name, plan="free")
    ref = play.do("orders", name=name, plan="premium")["ref"]
    charged = play.stack.gateway.state()["charges"]["succeeded"]
    with play.nobody_writes_to(table) as the_worker_waits:
        play.stack.gateway.pay(ref)
        the_worker_waits()
        play.break_the_connections()
    heals(play, name, after_an_upgrade(), charged=charged + 1)


def test_a_broker_that_forgets_all_work_loses_none(play: Play):
    play.do("signs_up", name="forgotten", plan="free")
    ref = play.do("orders", name="forgotten", plan="premium")["ref"]
    charged = play.stack.gateway.state()["charges"]["succeeded"]
    play.kill_the_worker()
    play.stack.gateway.pay(ref)
    play.stack.gateway.flush()
    play.empty_the_broker()
    play.stack.start_worker()
    heals(play, "forgotten", after_an_upgrade(), charged=charged + 1)


@pytest.mark.parametrize(
    "switch", [{"duplicate": 20}, {"reorder": True}, {"drop": {}}], ids=["20×", "out of order", "lost"]
)
def test_webhooks_may_come_often_out_of_order_or_never(play: Play, switch: dict[str, Any]):
    name = f"w{next(iter(switch))}"
    play.do("signs_up", name=name, plan="free")
    ref = play.do("orders", name=name, plan="premium")["ref"]
    charged = play.stack.gateway.state()["charges"]["succeeded"]
    play.stack.gateway.control(**switch)
    play.stack.gateway.pay(ref)
    play.stack.gateway.flush()
    heals(play, name, after_an_upgrade(), charged=charged + 1)


@pytest.mark.parametrize("kind", ["timeout_after", "server_error", "rate_limit", "cut_before"])
@pytest.mark.parametrize("path", ["/v1/payment_intents", "/v1/payment_intents/*/confirm"])
def test_a_gateway_in_trouble_charges_a_renewal_once(play: Play, kind: str, path: str):
    name = f"g{kind}{path.count('/')}"
    play.stack.gateway.pay(play.do("signs_up", name=name, plan="premium")["ref"])
    play.wait_until(name, plan=["premium"])
    charged = play.stack.gateway.state()["charges"]["succeeded"]
    play.do("is_due", name=name)
    play.stack.gateway.control(fail_next={"kind": kind, "times": 4, "path": path})
    play.do("sweep")
    play.wait_until(name, attempts=["succeeded", "started"])
    play.stack.gateway.control(fail_next=None)
    heals(play, name, after_a_renewal(), charged=charged + 1)
