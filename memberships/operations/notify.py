"""Write down that a customer is to be told something. `memberships.notices` makes the mail of it and sends it."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction

from memberships.models import Membership, Notice
from memberships.signals import notice_written


def notify(
    membership: Membership,
    kind: str,
    *,
    reference: str,
    now: datetime,
    facts: Mapping[str, Any] | None = None,
) -> Notice:
    """Write down, in the caller's transaction, that the customer is to be told; the mail goes out after commit.

    The template is `mail/<kind>`; `facts` (JSON) is what the mail says that no other row keeps. Telling the same `kind`
    of the same `reference` again is refused by the database.
    """
    notice = Notice.objects.create(
        membership=membership,
        kind=kind,
        reference=reference,
        to=membership.customer.user.email,
        facts=dict(facts or {}),
        created_at=now,
    )
    transaction.on_commit(partial(notice_written.send_robust, Notice, notice_id=notice.pk))
    return notice
