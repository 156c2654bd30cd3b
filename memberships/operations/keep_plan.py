from datetime import datetime

from django.db import transaction

from accounts.models import User
from memberships.models import Membership
from memberships.operations.apply_change import settle_scheduled_change


@transaction.atomic
def keep_plan(*, membership: Membership, actor: User | None, now: datetime, reason: str = "") -> bool:
    """Take back the scheduled change of `membership`. False when there is nothing to take back."""
    membership.lock()
    if not settle_scheduled_change(membership=membership, applied=False, now=now):
        return False
    membership.transitions.create(kind="kept_plan", at=now, actor=actor, reason=reason)
    membership.revision += 1
    membership.save(update_fields=["revision"])
    return True
