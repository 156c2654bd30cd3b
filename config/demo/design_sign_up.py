"""What the design page shows of signing up."""

from typing import Any

from checkout.forms import SiteForm
from checkout.policies.steps import Step
from checkout.views.sign_up.way import steps
from sites.operations.addresses import Answer


def sign_up_samples() -> dict[str, Any]:
    return {
        "sign_up_steps": steps(Step.SITE),
        "site_form": SiteForm({"name": "Keller", "slug": "keller"}, starters=(), initial={}),
        "starters": [
            {"value": 1, "name": "Portfolio", "description": "Large pictures.", "url": "#", "checked": False}
        ],
        "address_domain": ".sites.example",
        "address_taken": Answer(
            slug="keller",
            refusal="This address is taken. Choose another.",
            suggestions=("keller-site", "keller-online", "keller-web"),
        ),
        "address_answers": [Answer(slug="noras-bikes"), None],
        "unconfirmed": "nora@example.com",
    }
