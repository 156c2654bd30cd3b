"""News that memberships send up the chain, after commit. Every reaction also has a sweep, since a process can
die in between."""

from django.dispatch import Signal

payment_settled = (
    Signal()
)  # payment_id: int, now: datetime -- the gateway says paid, or that it never will be
payment_refused = (
    Signal()
)  # payment_id: int, now: datetime -- a try brought no money: it failed, or the bank asks for the customer
entitlements_changed = (
    Signal()
)  # membership_id: int, now: datetime -- items or state changed: sites must follow
notice_written = Signal()  # notice_id: int -- a mail is waiting to be sent
notices_written = Signal()  # notice_ids: list[int] -- many are
