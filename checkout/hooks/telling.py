"""The owner of an endpoint learns that it was disabled."""

import logging
from datetime import datetime

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.letters import Letter, letter_from
from accounts.network.live import network
from checkout.hooks.models import Endpoint
from checkout.hooks.operations import GONE

log = logging.getLogger(__name__)


def owners_to_tell() -> list[int]:
    """The endpoints whose owner does not know that they are disabled."""
    return list(Endpoint.objects.to_be_told().values_list("pk", flat=True))


@transaction.atomic
def tell_owner(*, endpoint_id: int, now: datetime) -> bool:
    """Send the mail, in the owner's language. False when it was sent, is being sent, or could not be sent: the sweep
    tries again."""
    endpoint = (
        Endpoint.objects.to_be_told()
        .select_related("owner")
        .select_for_update(of=("self",), skip_locked=True, no_key=True)
        .filter(pk=endpoint_id)
        .first()
    )
    if endpoint is None:
        return False
    try:
        _message(endpoint).send()
    except OSError as error:  # what a mail server says is one, too
        log.warning("endpoint %s: its owner is not told: %s", endpoint.pk, error)
        return False
    endpoint.owner_told_at = now
    endpoint.save(update_fields=["owner_told_at"])
    return True


def _message(endpoint: Endpoint) -> EmailMultiAlternatives:
    letter = _letter(endpoint)
    message = EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[endpoint.owner.email],
        headers={"Auto-Submitted": "auto-generated"},  # so that nobody's absence is told to us
    )
    message.attach_alternative(letter.html, "text/html")
    return message


def _letter(endpoint: Endpoint) -> Letter:
    with translation.override(endpoint.owner.language or settings.LANGUAGE_CODE):
        page = reverse(
            "admin:hooks_endpoint_change", args=[endpoint.pk], urlconf=settings.PUBLIC_SCHEMA_URLCONF
        )
        content = {
            "network_name": network.network_name,
            "name": endpoint.owner.name,
            "host": endpoint.host,
            "url": endpoint.url,
            "is_gone": endpoint.disabled_because == GONE,
            "since": endpoint.failing_since,
            "action_url": f"{settings.NETWORK_ORIGIN}{page}",
            "action_label": _("Look at the endpoint"),
        }
        return letter_from("mail/endpoint_disabled", content)
