"""The component gallery: sample texts for `templates/design.html`, shown in the demo only."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from checkout.views.what_stays import Shown, groups_of
from config.demo.design_samples import samples
from config.demo.design_sign_up import sign_up_samples
from products.limits import Kind
from sites.models import Site
from sites.operations.over_limit import Excess
from sites.policies.over_limit import Item, Policy


def _includes(*texts: str, without: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    return [{"text": text, "included": True} for text in texts] + [
        {"text": text, "included": False} for text in without
    ]


PERIODS = [
    {"value": "month", "label": "Monthly", "checked": True},
    {"value": "year", "label": "Yearly"},
]

PLANS = [
    {
        "value": "free",
        "name": "Free",
        "badge": "Current plan",
        "price": "€0.00",
        "note": "For ever",
        "includes": _includes("5 posts", "3 pages", "100 MB disk space", without=("Custom CSS",)),
    },
    {
        "value": "premium",
        "name": "Premium",
        "price": "€90.00",
        "per": "per month",
        "checked": True,
        "includes": _includes("500 posts", "Unlimited pages", "10 GB disk space", "Custom CSS"),
    },
    {
        "value": "studio",
        "name": "Studio",
        "badge": "From 1 April",
        "badge_tone": "note",
        "price": "€75.00",
        "per": "per month",
        "note": "€900.00 a year, charged at once",
        "includes": _includes("Unlimited posts", "Unlimited pages", "50 GB disk space", "Custom CSS"),
    },
    {
        "value": "agency",
        "name": "Agency",
        "disabled": True,
        "reason": "Sold by the year only. Switch to Yearly.",
        "includes": _includes("Unlimited posts", "25 sites"),
    },
]

EXTRAS = [
    {
        "value": "visits",
        "name": "Unlimited visits",
        "description": "However many people come by.",
        "price": "€5.00",
        "per": "per month",
        "checked": True,
    },
    {
        "value": "disk",
        "name": "Extra disk space",
        "description": "10 GB more, for each one you take.",
        "price": "€4.00",
        "per": "per month",
        "checked": True,
        "quantity": 2,
    },
    {
        "value": "design",
        "name": "Site design",
        "description": "A designer sets up your site with you.",
        "price": "€450.00",
        "per": "once",
    },
    {
        "value": "support",
        "name": "Phone support",
        "price": "€20.00",
        "per": "per month",
        "disabled": True,
        "reason": "Comes with Premium and higher.",
    },
]

UPGRADE = {
    "when": "Starts now, and is renewed on 17 April 2026.",
    "price": {
        "entries": [
            {
                "label": "Premium",
                "dates": "17 March – 17 April 2026",
                "amount": "€90.00",
                "why": "1 × €90.00 for one month from today.",
            },
            {
                "label": "Credit for unused time: Basic",
                "dates": "17 March – 1 April 2026",
                "amount": "−€14.52",
                "less": True,
                "why": "€30.00 paid × 15 of 31 days left = €14.52.",
            },
        ],
        "sums": [
            {
                "label": "VAT 21 %",
                "amount": "€15.85",
                "why": "21 % of €90.00 is €18.90, less €3.05 given back.",
            },
        ],
        "total_label": "Due today",
        "total": "€91.33",
        "next_label": "Next bill on 17 April 2026",
        "next_amount": "€108.90",
    },
    "button": "Review upgrade",
    "small": "Nothing is charged before you have seen it once more.",
}

DOWNGRADE = {
    "when": "Starts on 1 April 2026; you keep Premium until then.",
    "when_icon": "calendar",
    "price": {
        "total_label": "Due today",
        "total": "€0.00",
        "next_label": "Next bill on 1 April 2026",
        "next_amount": "€36.30",
    },
    "button": "Review downgrade",
}

UNCHANGED = {
    "notice": "This is what you have now. Pick a different plan, billing period or package to make a change.",
    "notice_tone": "note",
}

USAGES = [
    {
        "label": "Posts",
        "icon": "post",
        "used": "12",
        "allowed": "50",
        "value": 12,
        "max": 50,
        "state": "within",
    },
    {
        "label": "Disk space",
        "icon": "disk",
        "used": "8.3 GB",
        "allowed": "10 GB",
        "value": 83,
        "max": 100,
        "state": "near",
        "note": "1.7 GB left.",
    },
    {
        "label": "Pages",
        "icon": "page",
        "used": "3",
        "allowed": "3",
        "value": 3,
        "max": 3,
        "state": "full",
        "note": "All are in use.",
        "can_upgrade": True,
    },
    {
        "label": "Users",
        "icon": "users",
        "used": "4",
        "allowed": "2",
        "value": 2,
        "max": 2,
        "state": "over",
        "note": "2 more than the plan has.",
        "can_upgrade": True,
    },
    {
        "label": "Visits",
        "icon": "visits",
        "used": "48,210",
        "state": "unlimited",
        "note": "Counts from 1 March.",
    },
    {"label": "Custom domains", "icon": "globe", "state": "none"},
]

STORY = [
    {
        "icon": "arrow-up",
        "tone": "good",
        "what": "Upgraded Basic → Premium",
        "when": "17 March 2026",
        "amount": "€91.33",
        "url": "#story",
    },
    {
        "icon": "refresh",
        "what": "Renewed Basic for a month",
        "when": "1 March 2026",
        "amount": "€36.30",
        "url": "#story",
    },
    {
        "icon": "x",
        "tone": "bad",
        "what": "Payment failed",
        "when": "1 March 2026",
        "amount": "€36.30",
        "remark": "The bank declined the card",
        "amount_note": "not charged",
    },
    {
        "icon": "check",
        "tone": "note",
        "what": "Joined on Basic",
        "when": "1 February 2026",
        "amount": "€36.30",
    },
]


def _stays() -> list[dict[str, Any]]:
    """What no longer fits in two sites: chosen by us, chosen by the customer with places left, too many, and kept."""
    garden, bakery = Site(pk=1, name="Garden", slug="garden"), Site(pk=2, name="Bakery", slug="bakery")
    posts = [
        Item(key=str(n), name=name, dated=date(2026, 3, 9 - n), is_draft=n == 3)  # noqa: PLR2004 -- the last
        for n, name in enumerate(("Sowing in the cold", "What slugs do not eat", "Ferns", "Not finished"))
    ]
    names = [Item(key=name, name=name, leads_here=True) for name in ("garden.example", "old.example")]
    people = [Item(key=name, name=name) for name in ("Fleur de Wit", "eva@example.com")]
    many = [Item(key=str(n), name=f"Bread {n}", dated=date(2025, 1, 1)) for n in range(60)]

    def excess(
        kind: Kind, items: Sequence[Item], allowed: int, *, site: Site = garden, **more: Any
    ) -> Excess:
        stays = frozenset(item.key for item in items[:allowed])
        policy = Policy.KEEP if kind == Kind.USERS else Policy.PARK
        return Excess(
            site=site, kind=kind, policy=policy, used=len(items), allowed=allowed, items=tuple(items), stays=stays,
            **more,
        )  # fmt: skip

    return groups_of(
        [
            excess(Kind.POSTS, posts, 2),
            excess(Kind.DOMAINS, names, 1),
            excess(Kind.USERS, people, 1),
            excess(Kind.PAGES, posts[:3], 2, site=bakery, chosen=frozenset("0")),
            excess(Kind.POSTS, many, 2, site=bakery, chosen=frozenset("012")),
        ],
        Shown(when="on 1 April 2026", pages={"posts-2": 2}),
    )


def design(request: HttpRequest) -> HttpResponse:
    """Every component of the network's pages, in every state."""
    return render(
        request,
        "design.html",
        {
            "periods": PERIODS,
            "plans": PLANS,
            "extras": EXTRAS,
            "summaries": [UPGRADE, DOWNGRADE, UNCHANGED],
            "usages": USAGES,
            "what_stays": {"groups": _stays()},
            "story": STORY,
            **samples(),
            **sign_up_samples(),
        },
    )
