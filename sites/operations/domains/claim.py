"""A site says that a name is its own. Nothing follows from that but a place to put the proof."""

from datetime import datetime
from typing import Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from memberships.operations.entitlements import entitlements as of_membership
from products.limits import Kind
from sites import addresses, entitlements
from sites.models import DomainClaim, Site
from sites.policies.domain_names import BadName, Fault, parse

MOST_WAITING: Final = 20  # each is looked up again and again

SENTENCES: Final = {
    Fault.EMPTY: gettext_lazy("Enter a name, such as www.example.com."),
    Fault.ADDRESS: gettext_lazy("Enter the name alone: no https://, no port, no path."),
    Fault.WILDCARD: gettext_lazy("A name with * stands for many. Add each name by itself."),
    Fault.IP_ADDRESS: gettext_lazy("This is an IP address. Enter a name, such as www.example.com."),
    Fault.CHARACTERS: gettext_lazy(
        "A name has letters, digits and hyphens, with single dots between its parts. This one has something else."
    ),
    Fault.PUNYCODE: gettext_lazy(
        "The part that begins with xn-- stands for no letters. Enter the name as you would write it."
    ),
    Fault.LONG: gettext_lazy("A name has at most 253 characters, and 63 between two dots."),
    Fault.INCOMPLETE: gettext_lazy("Enter the whole name with its ending, such as example.com."),
    Fault.ENDING: gettext_lazy("No website on the internet has a name with this ending."),
    Fault.SHARED: gettext_lazy("This is an ending that many names share. Put your own name before it."),
    Fault.ELSEWHERE: gettext_lazy("This name belongs to another network, which does not let it lead here."),
    Fault.NETWORK: gettext_lazy("This name is the network's own."),
}


def allowed_domains(site: Site) -> int | None:
    """How many names of its own the site may have; None: any number."""
    return of_membership(site.membership)[Kind.DOMAINS]


@transaction.atomic
def claim_domain(*, site: Site, typed: str, now: datetime) -> DomainClaim:
    """Begin to connect the name `typed` to `site`, within the site's limit `domains`.

    Whether somebody else has or wants the name is not said before the proof. Raises ValidationError, keyed by
    `domain`, and LimitReached.
    """
    name = _parsed(typed)
    site = Site.objects.locked().get(pk=site.pk)
    claims = DomainClaim.objects.of(site)
    if claims.filter(domain=name).exists():
        raise ValidationError({"domain": _("This site has this name already.")})
    entitlements.claim_in_network(Kind.DOMAINS, holder=site, now=now)
    if claims.filter(state=DomainClaim.State.WAITING).count() >= MOST_WAITING:
        raise ValidationError(
            {"domain": _("Many names wait for their proof. Prove or remove some of them first.")}
        )
    return DomainClaim.objects.create(
        membership=site.membership, site=site, domain=name, created_at=now, check_asked_at=now
    )


def _parsed(typed: str) -> str:
    try:
        return parse(typed, networks_own=addresses.networks_own())
    except BadName as problem:
        raise ValidationError({"domain": SENTENCES[problem.fault]}, code=problem.fault) from None
