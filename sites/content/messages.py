"""Messages from a site's contact forms, mailed to the people they are for. Works in the current schema."""

from datetime import datetime, timedelta
from email.utils import formataddr, parseaddr
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override
from wagtail.models import Site

from accounts.models import User
from sites.content.models import ContactMessage, ContactPage, SiteIdentity

log = structlog.get_logger()
TRIED_FOR: Final = timedelta(days=7)  # after that a message is read in the dashboard or not at all


def mail_messages(*, now: datetime) -> int:
    """Mail every message that was not mailed yet, each once, and answer how many.

    One that a mail server does not take keeps the others from nothing; in the end the last error is raised. The
    Message-ID is the message's own, so that a mail sent twice by a crash between sending and noting is shown once.
    """
    waiting = ContactMessage.objects.filter(mailed_at=None, submit_time__gt=now - TRIED_FOR)
    refusal: OSError | None = None
    mailed = 0
    for pk in waiting.order_by("submit_time").values_list("pk", flat=True):
        try:
            mailed += _mail(pk, now=now)
        except OSError as error:  # what a mail server says is one, too
            log.warning("message not mailed", message=pk, error=str(error))
            refusal = error
    if refusal is not None:
        raise refusal
    return mailed


@transaction.atomic
def _mail(pk: int, *, now: datetime) -> bool:
    """False when the message was mailed before or is being mailed now."""
    waiting = ContactMessage.objects.select_for_update(skip_locked=True, of=("self",)).filter(mailed_at=None)
    message = waiting.filter(pk=pk).first()
    if message is None:
        return False
    page: ContactPage = message.page.specific
    identity = SiteIdentity.load()
    recipients = _recipients(page)
    if recipients:
        with override(identity.language):
            _letter(message, page, identity, recipients).send()
    message.mailed_at = now
    message.save(update_fields=["mailed_at"])
    return True


def _letter(
    message: ContactMessage, page: ContactPage, identity: SiteIdentity, recipients: list[str]
) -> EmailMessage:
    fields = page.get_form_fields()
    answers = [(field.label, _words(message.form_data.get(field.clean_name))) for field in fields]
    replies = [message.form_data.get(field.clean_name) for field in fields if field.field_type == "email"]
    origin = Site.objects.get(is_default_site=True).root_url
    inbox = origin + reverse("wagtailforms:list_submissions", args=[page.pk])
    body = render_to_string("content/message.txt", {"page": page, "answers": answers, "inbox": inbox})
    subject = _("Message from %(site)s: %(page)s") % {"site": identity.name, "page": page.title}
    return EmailMessage(
        subject=" ".join(subject.split()),
        body=body,
        from_email=formataddr((" ".join(identity.name.split()), parseaddr(settings.DEFAULT_FROM_EMAIL)[1])),
        to=recipients,
        reply_to=[reply for reply in replies if reply],
        headers={
            "Message-ID": f"<message-{message.uid}@{settings.SITES_DOMAIN}>",
            "Auto-Submitted": "auto-generated",  # so that nobody's absence is told to us
        },
    )


def _recipients(page: ContactPage) -> list[str]:
    written = [address.strip() for address in page.to_address.split(",") if address.strip()]
    owners = User.objects.filter(is_superuser=True, is_active=True).order_by("pk")
    return written or list(owners.values_list("email", flat=True))


def _words(answer: Any) -> str:
    if isinstance(answer, bool):
        return _("Yes") if answer else _("No")
    return ", ".join(answer) if isinstance(answer, list) else str(answer or "–")
