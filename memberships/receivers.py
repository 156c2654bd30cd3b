"""What news from within memberships sets in motion. Each has a sweep in `memberships.tasks`."""

from typing import Any

from django.dispatch import receiver

from memberships.signals import notice_written, notices_written, price_campaign_settled
from memberships.tasks import announce_price_campaigns, deliver_notice, deliver_notices


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


@receiver(price_campaign_settled)
def tell_its_members(
    sender: Any,  # noqa: ARG001 -- the signal's signature
    **_: Any,
) -> None:
    announce_price_campaigns.enqueue()
