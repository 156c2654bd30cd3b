"""Mails about memberships: written down with the change they tell of, sent after it is committed, once."""

from datetime import datetime
from functools import partial

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import translation

from memberships.models import Invoice, Membership, Notice
from memberships.operations.entitlements import entitlements
from memberships.signals import notice_written
from products.models.limit import LABELS


def notify(membership: Membership, kind: str, *, reference: str, now: datetime) -> Notice:
    """Write down, in the caller's transaction, that the customer is to be told; the mail goes out after commit.

    The template is `mails/<kind>`. Telling the same `kind` of the same `reference` again is refused by the database.
    """
    notice = Notice.objects.create(
        membership=membership, kind=kind, reference=reference, to=membership.customer.user.email, created_at=now
    )
    transaction.on_commit(partial(notice_written.send_robust, Notice, notice_id=notice.pk))
    return notice


def send_notice(*, notice_id: int, now: datetime) -> bool:
    """Send notice `notice_id` in the customer's language. False when it was sent before or is being sent now.

    The Message-ID is the notice's own, so that a mail sent twice by a crash between sending and noting is shown once.
    """
    with transaction.atomic():
        notice = (
            Notice.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("membership__customer__user")
            .filter(pk=notice_id, sent_at=None)
            .first()
        )
        if notice is None:
            return False
        with translation.override(notice.membership.customer.user.language or settings.LANGUAGE_CODE):
            message = compose(notice)
        message.send()
        notice.subject, notice.sent_at = message.subject[:200], now
        notice.save(update_fields=["subject", "sent_at"])
    return True


def compose(notice: Notice) -> EmailMultiAlternatives:
    """The mail in the active language, as text and HTML. Its first line of text is the subject."""
    membership = notice.membership
    context = {
        "network_name": settings.NETWORK_NAME,
        "origin": settings.NETWORK_ORIGIN,
        "customer": membership.customer,
        "membership": membership,
        "account_url": f"{settings.NETWORK_ORIGIN}/account/{membership.uid}/",
        "invoice": Invoice.objects.filter(reference=notice.reference).prefetch_related("lines__product").first(),
        "change": membership.scheduled_changes.filter(reference=notice.reference)
        .prefetch_related("items__product")
        .first(),
        "limits": [(LABELS[kind], kind, amount) for kind, amount in entitlements(membership).amounts.items()],
    }
    subject, text = render_to_string(f"mails/{notice.kind}.txt", context).strip().split("\n", 1)
    message = EmailMultiAlternatives(
        subject=subject.strip(),
        body=text.strip() + "\n",
        to=[notice.to],
        headers={"Message-ID": f"<notice-{notice.pk}-{membership.uid}@{settings.SITES_DOMAIN}>"},
    )
    message.attach_alternative(render_to_string(f"mails/{notice.kind}.html", {**context, "subject": subject}), "text/html")
    return message
