"""What no longer fits, as pages show it: a list for each kind in each site, with a box for what may stay."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

from checkout.forms import list_name, stood_value
from checkout.operations.what_stays import Foreseen
from checkout.views.words import ICONS
from products.limit_display import format_limit
from products.limits import Kind
from products.models.limit import LABELS
from sites.operations.over_limit import Choices, Excess
from sites.over_limit_display import what_becomes
from sites.policies.over_limit import Item, Policy

MOST_ON_A_PAGE = 25
MOST_BOXES = 500  # of all lists on a page; Django reads a thousand fields
MOST_LISTS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """How the lists stand on a page. `when` is the moment of the change in words (“on 1 April 2026”, “at once”), empty
    for what is so already; `wanted` are ticks that were refused, kept on the page; `pages` tells how far each list is
    turned, by its name."""

    when: str
    wanted: Choices = field(default_factory=dict)
    pages: Mapping[str, int] = field(default_factory=dict)


def what_stays_texts(foreseen: Foreseen, shown: Shown) -> dict[str, Any]:
    """What `components/what_stays.html` shows."""
    return {
        "groups": groups_of(foreseen.excesses, shown),
        "parks": any(each.policy == Policy.PARK for each in foreseen.excesses),
        "ending": [LABELS[kind] for kind in foreseen.ending],
        "allows_less": foreseen.allows_less,
        "when": shown.when,
        "more_lists": max(len(foreseen.excesses) - MOST_LISTS, 0),
    }


def groups_of(excesses: Sequence[Excess], shown: Shown) -> list[dict[str, Any]]:
    """The lists, together where they are of one site; first those that all sites share."""
    groups: dict[int | None, dict[str, Any]] = {}
    listed = excesses[:MOST_LISTS]
    on_a_page = min(MOST_ON_A_PAGE, MOST_BOXES // max(len(listed), 1))
    for excess in listed:
        site = excess.site
        group = groups.setdefault(
            site.pk if site else None,
            {"name": site.name if site else "", "host": site.host if site else "", "lists": []},
        )
        group["lists"].append(_list_texts(excess, shown, on_a_page))
    return list(groups.values())


def pages_of(data: QueryDict) -> dict[str, int]:
    """How far each list is turned, as `back` wrote it into the address and the page into its fields."""
    turned = {name.removeprefix("page-"): data.get(name, "") for name in data if name.startswith("page-")}
    return {name: int(number) for name, number in turned.items() if _is_page(number)}


def back(url: str, data: QueryDict) -> HttpResponse:
    """To the page that the lists were sent from, each turned as far as it was, and to the list that was meant."""
    pages = pages_of(data)
    name, _colon, number = data.get("go", "").partition(":")
    if _is_page(number):
        pages[name] = int(number)
    meant = name or data.get("instead", "").partition(":")[2]
    query = urlencode({f"page-{name}": number for name, number in pages.items() if number > 1})
    anchor = meant if meant in data.getlist("list") else ""
    return redirect(f"{url}{'?' if query else ''}{query}{'#' if anchor else ''}{anchor}")


def _is_page(number: str) -> bool:
    return number.isdecimal() and len(number) < 6  # noqa: PLR2004 - more pages than any list has


def _list_texts(excess: Excess, shown: Shown, on_a_page: int) -> dict[str, Any]:
    name, items = list_name(excess.place), _in_order(excess)
    last = max((len(items) + on_a_page - 1) // on_a_page, 1)
    number = min(max(shown.pages.get(name, 1), 1), last)
    listed = items[(number - 1) * on_a_page : number * on_a_page]
    kept = excess.chosen if excess.chosen is not None else excess.stays
    ticked = shown.wanted.get(excess.place, kept)
    keys = {item.key for item in listed}
    return {
        "name": name,
        "icon": ICONS.get(excess.kind, "info"),
        "label": LABELS[excess.kind],
        "used": format_limit(excess.kind, excess.used),
        "allowed": format_limit(excess.kind, excess.allowed),
        "what": what_becomes(excess.kind, policy=excess.policy, allowed=excess.allowed, when=shown.when),
        "is_choice": excess.is_choice,
        "is_ours": excess.chosen is None,
        "is_chosen": excess.chosen is not None and bool(shown.when),
        "items": [_item_texts(item, is_ticked=item.key in ticked) for item in listed],
        "astray": any(item.leads_here for item in excess.parked) if excess.policy == Policy.PARK else False,
        "stood": stood_value([item.key for item in listed], ticked=kept),
        "page": number,
        "last": last,
        "previous": number - 1,
        "next": number + 1 if number < last else 0,
        "room": excess.allowed,
        "elsewhere": len(set(ticked) - keys),
        **_count_texts(len(ticked), excess.allowed),
    }


def _in_order(excess: Excess) -> Sequence[Item]:
    """The largest files first; of all else, those that would stay."""
    return excess.items[::-1] if excess.kind == Kind.DISK else excess.items


def _item_texts(item: Item, *, is_ticked: bool) -> dict[str, Any]:
    facts = [
        date_format(item.dated, "j F Y") if item.dated else "",
        _("draft") if item.is_draft else "",
        format_limit(Kind.DISK, item.size) if item.size is not None else "",
        _("parked now") if item.is_parked else "",
        _("its DNS leads here") if item.leads_here else "",
    ]
    return {
        "key": item.key,
        "name": item.name or _("without a title"),
        "facts": " · ".join(fact for fact in facts if fact),
        "is_ticked": is_ticked,
    }


def _count_texts(ticked: int, room: int) -> dict[str, Any]:
    """How many are chosen: as it is now, and for the script, which counts on, with {n} for the number."""
    says = {
        "fits": _("{n} of %(room)s chosen.") % {"room": number_format(room)},
        "left": _("{n} of %(room)s chosen. We fill the rest.") % {"room": number_format(room)},
        "over": _("{n} chosen, and there is room for %(room)s. Untick some to go on.")
        % {"room": number_format(room)},
    }
    state = "over" if ticked > room else "left" if ticked < room else "fits"
    return {"says": says, "count_state": state, "count": says[state].replace("{n}", number_format(ticked))}
