"""What news from within memberships sets in motion. Each has a sweep in `memberships.tasks`."""

from typing import Any

from django.dispatch import receiver

from memberships.signals import notice_written, notices_written
from memberships.tasks import deliver_notice, deliver_notices


@receiver(notice_written)
def send_the_mail(
    sender: Any,  # noqa: ARG001 -- the signal's signature
    *,
    notice_id: int,
    **_: Any,
) -> None:
    deliver_notice.enqueue(notice_id=notice_id)


@receiver(notices_written)
def send_the_mails(
    sender: Any,  # noqa: ARG001 -- the signal's signature
    *,
    notice_ids: list[int],
    **_: Any,
) -> None:
    deliver_notices.enqueue(notice_ids=notice_ids)
