"""What runs by the clock, on the network's behalf. One static table: no schedule lives in rows or sites."""

from datetime import timedelta
from typing import Any

SITES: dict[str, dict[str, Any]] = {
    "unfinished sites": {"task": "sites.tasks.sweep_unfinished_sites", "schedule": timedelta(minutes=2)},
    "spare sites": {"task": "sites.tasks.fill_pool", "schedule": timedelta(minutes=1)},
    "paid and not ready": {"task": "sites.tasks.watch_unready_sites", "schedule": timedelta(minutes=2)},
    "limits in line": {"task": "sites.tasks.sweep_entitlements", "schedule": timedelta(minutes=10)},
    "visits to rows": {"task": "sites.tasks.roll_up_visits", "schedule": timedelta(minutes=1)},
    "over limits": {"task": "sites.tasks.sweep_over_limits", "schedule": timedelta(minutes=15)},
    "notices for visitors": {"task": "sites.tasks.tell_of_notices", "schedule": timedelta(minutes=5)},
    "usage": {"task": "sites.tasks.sweep_usage", "schedule": timedelta(minutes=15)},
    "messages to be mailed": {"task": "sites.tasks.sweep_messages", "schedule": timedelta(hours=1)},
    "names in the DNS": {"task": "sites.tasks.sweep_domains", "schedule": timedelta(minutes=5)},
    "jobs on sites": {"task": "sites.tasks.sweep_jobs", "schedule": timedelta(minutes=2)},
    "what nobody shows any more": {"task": "sites.tasks.erase_old", "schedule": timedelta(hours=1)},
    "invitations left behind": {"task": "sites.tasks.sweep_invitations", "schedule": timedelta(minutes=5)},
    "sites to be opened": {"task": "sites.tasks.open_confirmed_sites", "schedule": timedelta(minutes=10)},
    "addresses held": {"task": "sites.tasks.forget_old_holds", "schedule": timedelta(hours=1)},
    "visits that are over": {"task": "sites.tasks.end_visits", "schedule": timedelta(minutes=5)},
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
    "limit overrides that end": {
        "task": "memberships.tasks.end_overrides",
        "schedule": timedelta(minutes=10),
    },
    "mails left behind": {"task": "memberships.tasks.sweep_notices", "schedule": timedelta(minutes=2)},
    "reminders": {"task": "memberships.tasks.queue_reminders", "schedule": timedelta(hours=1)},
    "orders left behind": {"task": "checkout.tasks.sweep_orders", "schedule": timedelta(minutes=2)},
    "paid and not applied": {"task": "checkout.tasks.watch_paid_orders", "schedule": timedelta(minutes=2)},
    "recurring amounts": {
        "task": "memberships.tasks.sweep_recurring_amounts",
        "schedule": timedelta(hours=1),
    },
    "days of invoices": {"task": "checkout.tasks.sum_days", "schedule": timedelta(hours=1)},
    "sign-ups": {"task": "checkout.tasks.sweep_sign_ups", "schedule": timedelta(minutes=2)},
    "the books": {"task": "checkout.tasks.check_books", "schedule": timedelta(days=1)},
    "periods that end": {"task": "checkout.tasks.renew_due_memberships", "schedule": timedelta(minutes=1)},
    "unpaid bills": {"task": "checkout.tasks.try_unpaid_bills", "schedule": timedelta(minutes=1)},
    "overdue memberships": {
        "task": "checkout.tasks.expire_overdue_memberships",
        "schedule": timedelta(minutes=10),
    },
}

HOOKS: dict[str, dict[str, Any]] = {
    "webhooks to send": {"task": "checkout.hooks.tasks.sweep_messages", "schedule": timedelta(seconds=5)},
    "owners of webhooks to tell": {
        "task": "checkout.hooks.tasks.tell_owners",
        "schedule": timedelta(minutes=5),
    },
    "old webhooks": {"task": "checkout.hooks.tasks.forget_old_messages", "schedule": timedelta(days=1)},
}

IMPORTS: dict[str, dict[str, Any]] = {
    "imports left behind": {"task": "checkout.imports.tasks.sweep_imports", "schedule": timedelta(minutes=1)},
    "old imports": {"task": "checkout.imports.tasks.forget_old_imports", "schedule": timedelta(days=1)},
}

SCHEDULE: dict[str, dict[str, Any]] = {**SITES, **MONEY, **HOOKS, **IMPORTS}
