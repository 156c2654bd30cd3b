"""More samples for the component gallery: what stands around a membership, its bills and its sites."""

from typing import Any, Final
from uuid import UUID

from django import forms

from memberships.models import PaymentMethod

NOBODY: Final = UUID(int=0)  # no row has it: what is pressed in the gallery leads nowhere

OFFERS: Final = [
    {
        "name": "Free",
        "description": "A first site, for as long as you like.",
        "price": "€0.00",
        "url": "#offers",
        "button": "Choose Free",
        "includes": [
            {"text": "3 posts", "included": True},
            {"text": "1 user", "included": True},
            {"text": "Custom CSS", "included": False},
        ],
    },
    {
        "name": "Premium",
        "description": "For a site that people come back to.",
        "is_recommended": True,
        "price": "€25.00",
        "per": "per month",
        "note": "€300.00 charged per year.",
        "saving": "You save €60.00 a year.",
        "url": "#offers",
        "button": "Choose Premium",
        "includes": [
            {"text": "100 posts", "included": True},
            {"text": "5 users", "included": True},
            {"text": "Custom CSS", "included": True},
        ],
    },
    {
        "name": "Basic",
        "description": "One small site, without frills.",
        "reason": "Basic is not sold per year. Choose another billing period.",
        "url": "#offers",
        "button": "Choose Basic",
        "includes": [
            {"text": "20 posts", "included": True},
            {"text": "2 users", "included": True},
            {"text": "Custom CSS", "included": False},
        ],
    },
]

MEMBERSHIP: Final = {"uid": NOBODY}
STANDINGS: Final = [
    {
        "tone": "warn",
        "title": "A bill is open",
        "sentences": ["Your card was declined on 1 April.", "We try again on 4 April."],
        "bill": NOBODY,
    },
    {
        "tone": "bad",
        "title": "Your membership has ended",
        "sentences": ["Your data is kept for your return."],
    },
]
PENDING: Final = {"title": "Basic from 1 April 2026", "text": "You keep Premium until then."}
PRICE_TO_COME: Final = {
    "title": "A new price from 1 May 2026",
    "text": "Premium costs €35.00 per month from then on, in place of €30.00 per month. Your bill of that day: €35.00.",
}
UNDER_WAY: Final = {"title": "Premium → Business, €75.48", "uid": NOBODY}
UNDO: Final = {
    "order": {"uid": NOBODY, "headline": "Upgraded Premium → Business"},
    "until": "18 March, 14:05",
}

CARDS: Final = [PaymentMethod(pk=1, brand="visa", last4="4242", exp_month=4, exp_year=2030)]
TRANSFER: Final = {
    "amount": "€91.33",
    "arrived": "€50.00",
    "holder": "Sitewright B.V.",
    "iban": "NL91 ABNA 0417 1643 00",
    "bic": "ABNANL2A",
    "reference": "RF18 5390 0754 7034",
    "until": "31 March 2026",
}
CODES: Final = [
    {"typed": "", "refusal": "", "granted": ""},
    {"typed": "WELCOME20", "granted": "20 % off for 3 periods."},
    {"typed": "SPRING", "refusal": "There is no code SPRING. Check its spelling, or clear the field."},
    {"in_force": "WELCOME20 is in force for 2 more periods."},
]
FROM_TO: Final = [
    ("From", {"plan": "Basic", "period": "Monthly"}),
    ("To", {"plan": "Premium", "period": "Monthly", "extras": ["2 × Extra disk space"], "code": "WELCOME20"}),
]
NOTICES: Final = [
    {"icon": "mail", "title": "Look into your mail", "text": "A link is on its way to you."},
    {"icon": "check", "tone": "good", "title": "Your password is changed", "text": "Sign in with the new one.",
     "link": "Sign in", "href": "#notices"},
    {"icon": "x", "tone": "bad", "title": "This link does not work any more", "text": "It was used before.",
     "link": "Ask for a new link", "href": "#notices"},
]  # fmt: skip
STAYS: Final = {
    "groups": [
        {
            "name": "Fleur’s Garden",
            "host": "fleur.sites.example",
            "lists": [
                {
                    "name": "sample-posts", "label": "Posts", "icon": "post", "used": "4", "allowed": "3", "room": 3,
                    "elsewhere": 0, "what": "What does not stay is parked.", "is_choice": True, "is_chosen": True,
                    "stood": "", "page": 1, "last": 1, "count_state": "over",
                    "count": "4 chosen, 1 too many",
                    "items": [
                        {"key": str(number), "name": name, "facts": day, "is_ticked": True}
                        for number, (name, day) in enumerate(
                            [("First frost", "2 March"), ("Leaf mould", "24 February"), ("Seed swap", "9 February"),
                             ("Pruning roses", "1 February")]
                        )
                    ],
                },
                {
                    "name": "sample-users", "label": "Users", "icon": "users", "used": "2", "allowed": "1",
                    "what": "All stay; nobody new can be invited.", "page": 1, "last": 1,
                    "items": [{"key": "1", "name": "Rosa Jansen", "facts": "Editor"}],
                },
            ],
        }
    ],
    "parks": True,
    "ending": ["Custom CSS"],
    "when": "on 1 April 2026",
}  # fmt: skip


class SampleForm(forms.Form):
    """One field of each sort."""

    name = forms.CharField(help_text="As it stands on your invoices.")
    company = forms.CharField(required=False)
    country = forms.ChoiceField(choices=[("NL", "Netherlands"), ("DE", "Germany")])
    vat_number = forms.CharField(label="VAT number", required=False)
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}))
    keep = forms.BooleanField(label="Keep this card for later bills", required=False)

    def clean_vat_number(self) -> str:
        raise forms.ValidationError("A Dutch VAT number looks like NL123456789B01.")

    def clean(self) -> dict[str, Any]:
        raise forms.ValidationError("This was not saved: two entries need another look.")


def samples() -> dict[str, Any]:
    """What `design.html` shows, by the names it uses."""
    return {
        "offers": OFFERS,
        "standings": STANDINGS,
        "membership": MEMBERSHIP,
        "pending": PENDING,
        "price_to_come": PRICE_TO_COME,
        "under_way": UNDER_WAY,
        "undo": UNDO,
        "cards": CARDS,
        "transfer": TRANSFER,
        "transfer_order": {"uid": NOBODY, "kind": "change"},
        "codes": CODES,
        "from_to": FROM_TO,
        "notices": NOTICES,
        "stays": STAYS,
        "due": {"due": "€91.33", "button": "Review upgrade"},
        "pager": {"newer": 1, "older": 3},
        "forms": [
            SampleForm(auto_id="empty_%s"),
            SampleForm({"name": "Ada de Vries", "country": "NL", "vat_number": "NL00"}, auto_id="wrong_%s"),
        ],
    }
