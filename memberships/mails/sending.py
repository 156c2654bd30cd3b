"""Sending: once each; what a mail server does not take is tried again for some days, then left for staff to see."""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction

from accounts.letters import Letter
from memberships.documents.invoice import invoice_file_name, invoice_pdf
from memberships.mails.content import invoice_of
from memberships.mails.letter import language_of, letter_of
from memberships.models import Notice

log = logging.getLogger(__name__)
PAUSES = (
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=2),
)  # after each failed try; after one more, the mail is given up


@transaction.atomic
def send_notice(*, notice_id: int, now: datetime) -> bool:
    """Send notice `notice_id` in the customer's language. False when it was sent or given up before, is being sent now,
    or could not be sent; the row then says why and when it is tried again.

    The Message-ID is the notice's own, so that a mail sent twice by a crash between sending and noting is shown once.
    """
    notice = (
        Notice.objects.select_for_update(of=("self",), skip_locked=True)
        .select_related("membership__customer__user")
        .filter(pk=notice_id, next_try_at__lte=now)
        .first()
    )
    if notice is None:
        return False
    try:
        with transaction.atomic():  # a query that fails must not keep the failure from being written down
            letter = letter_of(notice, language=language_of(notice))
            message = _message(notice, letter)
        message.send()
    except OSError as error:  # what a mail server says is one, too
        log.warning("mail %s: not sent: %s", notice.pk, error)
        return _failed(notice, error, now)
    except Exception as error:
        log.exception("mail %s: cannot be written", notice.pk)
        return _failed(notice, error, now)
    notice.subject, notice.body = letter.subject[:200], letter.text
    notice.sent_at, notice.next_try_at, notice.error = now, None, ""
    notice.save(update_fields=["subject", "body", "sent_at", "next_try_at", "error"])
    return True


def _message(notice: Notice, letter: Letter) -> EmailMultiAlternatives:
    """The mail with its headers, and with the bill it shows as a PDF."""
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[notice.to],
        headers={
            "Message-ID": f"<notice-{notice.pk}-{notice.membership.uid}@{settings.SITES_DOMAIN}>",
            "Auto-Submitted": "auto-generated",  # so that nobody's absence is told to us
        },
    )
    message.attach_alternative(letter.html, "text/html")
    invoice, language = invoice_of(notice), language_of(notice)
    if invoice is not None:
        name = invoice_file_name(invoice, language=language)
        message.attach(name, invoice_pdf(invoice, language=language), "application/pdf")
    return message


def _failed(notice: Notice, error: Exception, now: datetime) -> bool:
    notice.next_try_at = now + PAUSES[notice.tries] if notice.tries < len(PAUSES) else None
    notice.tries += 1
    notice.error = f"{type(error).__name__}: {error}"[:400]
    notice.save(update_fields=["next_try_at", "tries", "error"])
    return False
