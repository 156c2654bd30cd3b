"""What `components/site_fields.html` shows: the fields of a site that somebody begins."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest

from accounts.models import User
from checkout.forms import SiteForm
from sites import addresses
from sites.models import Starter
from sites.operations.addresses import look_up


def site_sent(request: HttpRequest) -> Mapping[str, Any] | None:
    """What was sent; a suggested address that was pressed takes the place of the one typed."""
    if request.method != "POST":
        return None
    sent = request.POST.copy()
    if sent.get("take"):
        sent["slug"] = str(sent["take"])
    return sent


def site_fields(form: SiteForm, *, user: User, judge: bool, now: datetime) -> dict[str, Any]:
    """`judge` says whether the address that stands in the form is looked up."""
    name, slug = str(form["name"].value() or ""), str(form["slug"].value() or "")
    return {
        "form": form,
        "slug": slug,
        "answer": look_up(slug=slug, name=name, user=user, now=now) if slug and judge else None,
        "domain": addresses.site_host(""),
        "starters": _cards(form.starters, chosen=form["starter"].value()),
        "may_be_empty": not any(starter.is_default for starter in form.starters),
    }


def _cards(starters: Sequence[Starter], *, chosen: object) -> list[dict[str, Any]]:
    """The default first; with it chosen as long as nothing else is."""
    ordered = sorted(starters, key=lambda starter: not starter.is_default)
    is_one_chosen = str(chosen) in {str(starter.pk) for starter in starters}
    return [
        {
            "value": starter.pk,
            "name": starter.name,
            "description": starter.description,
            "url": starter.site.url,
            "checked": str(starter.pk) == str(chosen) if is_one_chosen else starter.is_default,
        }
        for starter in ordered
    ]
