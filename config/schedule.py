"""What runs by the clock, on the network's behalf. One static table: no schedule lives in rows or sites."""

from datetime import timedelta
from typing import Any

SITES: dict[str, dict[str, Any]] = {
    "unfinished sites": {"task": "sites.tasks.sweep_unfinished_sites", "schedule": timedelta(minutes=2)},
    "spare sites": {"task": "sites.tasks.fill_pool", "schedule": timedelta(minutes=1)},
    "paid and not ready": {"task": "sites.tasks.watch_unready_sites", "schedule": timedelta(minutes=2)},
    "old content": {"task": "sites.tasks.erase_old_content", "schedule": timedelta(hours=1)},
    "limits in line": {"task": "sites.tasks.sweep_entitlements", "schedule": timedelta(minutes=10)},
    "visits to rows": {"task": "sites.tasks.roll_up_visits", "schedule": timedelta(minutes=1)},
    "over limits": {"task": "sites.tasks.sweep_over_limits", "schedule": timedelta(minutes=15)},
    "usage": {"task": "sites.tasks.sweep_usage", "schedule": timedelta(minutes=15)},
    "messages to be mailed": {"task": "sites.tasks.sweep_messages", "schedule": timedelta(hours=1)},
    "names in the DNS": {"task": "sites.tasks.sweep_domains", "schedule": timedelta(minutes=5)},
    "jobs on sites": {"task": "sites.tasks.sweep_jobs", "schedule": timedelta(minutes=2)},
    "recycle bin": {"task": "sites.tasks.erase_old", "schedule": timedelta(hours=1)},
    "invitations left behind": {"task": "sites.tasks.sweep_invitations", "schedule": timedelta(minutes=5)},
    "old passes": {"task": "sites.tasks.forget_old_passes", "schedule": timedelta(days=1)},
}

MONEY: dict[str, dict[str, Any]] = {
    "events left behind": {
        "task": "memberships.tasks.sweep_inbound_events",
        "schedule": timedelta(minutes=1),
    },
    "payments under way": {"task": "memberships.tasks.sweep_payments", "schedule": timedelta(minutes=2)},
    "refunds under way": {"task": "memberships.tasks.sweep_refunds", "schedule": timedelta(minutes=2)},
    "cards being saved": {"task": "memberships.tasks.sweep_card_setups", "schedule": timedelta(minutes=10)},
    "events never received": {
        "task": "memberships.tasks.fetch_missed_events",
        "schedule": timedelta(minutes=30),
        "kwargs": {"hours": 2},
    },
    "events never received, of days": {  # a gateway that could not reach us gives up after three
        "task": "memberships.tasks.fetch_missed_events",
        "schedule": timedelta(days=1),
        "kwargs": {"hours": 4 * 24},
    },
    "mails left behind": {"task": "memberships.tasks.sweep_notices", "schedule": timedelta(minutes=2)},
    "reminders": {"task": "memberships.tasks.queue_reminders", "schedule": timedelta(hours=1)},
    "orders left behind": {"task": "checkout.tasks.sweep_orders", "schedule": timedelta(minutes=2)},
    "paid and not applied": {"task": "checkout.tasks.watch_paid_orders", "schedule": timedelta(minutes=2)},
    "the books": {"task": "checkout.tasks.check_books", "schedule": timedelta(days=1)},
    "periods that end": {"task": "checkout.tasks.renew_due_memberships", "schedule": timedelta(minutes=1)},
    "unpaid bills": {"task": "checkout.tasks.try_unpaid_bills", "schedule": timedelta(minutes=1)},
    "overdue memberships": {
        "task": "checkout.tasks.expire_overdue_memberships",
        "schedule": timedelta(minutes=10),
    },
}

SCHEDULE: dict[str, dict[str, Any]] = {**SITES, **MONEY}
