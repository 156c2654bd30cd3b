"""What each limit means, in words for who has never met it."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from products.limits import Kind, Scope
from products.models.limit import LABELS

MEANINGS = {
    Kind.SITES: _("Websites of your own, each with its own address, pages and people."),
    Kind.POSTS: _("Articles of the site’s blog. A draft counts like one that is published."),
    Kind.PAGES: _("Pages besides the first one, such as About us or a contact form."),
    Kind.DISK: _("Room for pictures and documents, with every size that is made of a picture."),
    Kind.VISITS: _(
        "Pages that people open in a calendar month. Search engines and other programs do not count. Who goes over it"
        " is told by mail first."
    ),
    Kind.USERS: _("People who can sign in to the dashboard of a site, you among them."),
    Kind.DOMAINS: _("Names of your own, such as www.your-name.com, under which the site is found."),
    Kind.CUSTOM_CSS: _("A style sheet of your own on top of the theme."),
    Kind.CONTACT_FORMS: _("Forms on your pages. What people send is kept in your dashboard."),
    Kind.NO_FOOTER_CREDIT: _("The line about us at the foot of your pages goes away."),
}


def meanings(kinds: Iterable[Kind]) -> list[dict[str, Any]]:
    """Each of `kinds` with its meaning, and whether its amount is for each site or for all of them together."""
    return [
        {
            "label": LABELS[kind],
            "meaning": MEANINGS[kind],
            "is_per_site": kind.scope == Scope.SITE and not kind.is_switch,
        }
        for kind in kinds
    ]
