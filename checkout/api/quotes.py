"""What a change would cost: a price that binds until it expires."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from ninja import Router, Status
from pydantic import ConfigDict, Field, field_validator
from pydantic_core import PydanticCustomError

from accounts.tokens.models import Scope
from checkout import models
from checkout.api.authentication import Bearer, caller
from checkout.api.openapi import WITH_A_BODY, answers
from checkout.api.problems import Fault, bad_input, too_many_requests
from checkout.api.shapes import Asked, Instant, Interval, Minor, Period, Shape, one_of
from checkout.forms import with_what_was_bought
from checkout.operations.codes import discount_for
from checkout.operations.quote import make_quote
from checkout.operations.rate_limit import TooManyQuotes
from checkout.operations.selection import MOST_OF_ONE_PRODUCT, Choice, SelectionRefused, choose, menu
from checkout.views.owned import quote_for, terms_for
from memberships.operations.terms import Terms
from products import pricing
from products.models import Product

router = Router(tags=["Quotes"])
NOT_PRICED = "null when nothing changes, or nothing may."


class Addon(Asked):
    id: UUID
    quantity: int = Field(default=1, strict=True, ge=1, le=MOST_OF_ONE_PRODUCT)


class Wanted(Asked):
    """The complete wanted state: one plan, its billing period, all packages. What is left out is given up.

    Of what is bought once, only what is to be bought now is named; what was bought before stays.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "plan": "0b8a8d2e-3c53-4b3a-9d0f-9f1c6f6a5f10",
                    "interval": {"unit": "month", "count": 1},
                    "addons": [{"id": "8f4c1f0e-5b7d-4a57-8a7e-2f0a4f1d3c21", "quantity": 2}],
                    "code": "SPRING",
                }
            ]
        }
    )

    plan: UUID = Field(description="A plan of the membership's offers.")
    interval: Interval
    addons: list[Addon] = Field(default=[], max_length=100)
    code: str = Field(
        default="",
        max_length=40,
        pattern=r"^[^\x00-\x1f\x7f]*$",
        description="A discount code.",
        examples=["SPRING"],
    )

    def choice(self, terms: Terms) -> Choice:
        return Choice(
            plan=self.plan,
            interval=pricing.Interval(unit=self.interval.unit, count=self.interval.count),
            addons=with_what_was_bought(terms, {addon.id: addon.quantity for addon in self.addons}),
            code=self.code,
        )

    @field_validator("addons")
    @classmethod
    def each_once(cls, addons: list[Addon]) -> list[Addon]:
        if len({addon.id for addon in addons}) < len(addons):
            raise PydanticCustomError("named_twice", "Name each package once, with its quantity.")
        return addons


class Line(Shape):
    type: Annotated[pricing.LineType, one_of(pricing.LineType)]
    product: str = Field(description="The product's code.", examples=["premium"])
    quantity: int
    gross: Minor
    discount: Minor
    net: Minor
    tax: Minor


class NextBill(Shape):
    at: Instant
    net: Minor
    tax: Minor
    total: Minor
    wallet_used: Minor
    due: Minor


class Explanations(Shape):
    """Why: the formula of each figure and its inputs, in your language; the sentences of the pages."""

    when: str
    lines: list[str] = Field(description="One for each of the quote's lines, in their order.")
    due_now: str
    wallet: str
    next_bill: str


class Price(Shape):
    """The price exactly as `manage.py price` writes it."""

    kind: Annotated[pricing.Kind, one_of(pricing.Kind)]
    effective: Annotated[pricing.Effective, one_of(pricing.Effective)] | None
    effective_at: Instant | None
    message: str | None = Field(description="Why there is no price: `no_change` or `open_invoice`.")
    lines: list[Line]
    net: Minor | None = Field(description=NOT_PRICED)
    tax: Minor | None
    total: Minor | None
    wallet_used: Minor | None
    wallet_added: Minor | None
    due_now: Minor | None = Field(description="What ordering charges, to the cent.")
    period: Period | None
    trial_end: Instant | None
    next_bill: NextBill | None


class Quote(Price):
    """A price that binds: order it before it expires, and this is what is charged."""

    id: UUID
    membership: UUID
    currency: str = Field(examples=["EUR"])
    code: str | None = Field(description="The discount code that was sent with it.")
    revision: int = Field(description="The membership's; when it has grown, the quote holds no longer.")
    as_of: Instant = Field(description="The instant that it was computed for.")
    expires_at: Instant
    explanations: Explanations

    @classmethod
    def of(cls, quote: models.Quote) -> "Quote":
        """A stored quote in the active language. One query, for the names of its products."""
        asked = pricing.scenario_from_json(quote.scenario)
        language = (get_language() or "en")[:2]
        why = pricing.explain(asked, quote.price, language, names=_names(asked))
        return cls(
            **quote.result,
            id=quote.uid,
            membership=quote.membership.uid,
            currency=asked.currency,
            code=asked.selection.discount.code if asked.selection.discount else None,
            revision=quote.revision,
            as_of=quote.as_of,
            expires_at=quote.expires_at,
            explanations=Explanations.model_validate(why),
        )


@router.post(
    "/memberships/{membership_id}/quotes",
    response=answers({201: Quote}, *WITH_A_BODY, HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS),
    auth=Bearer(Scope.QUOTES_WRITE),
    operation_id="make_quote",
    summary="Ask what a change would cost",
)
def make(request: HttpRequest, membership_id: UUID, wanted: Wanted, response: HttpResponse) -> Status[Quote]:
    """Nothing is ordered. The price is kept for 15 minutes; that it is asked for again changes nothing."""
    user, now = (
        caller(request),
        timezone.now().replace(microsecond=0),
    )  # whole seconds read better as fractions
    terms = terms_for(user, membership_id)
    try:
        choice = wanted.choice(terms)
        picks = choose(menu=menu(terms=terms, plan=choice.plan), choice=choice)
        discount = discount_for(code=choice.code, terms=terms, picks=picks, now=now)
        quote = make_quote(terms=terms, picks=picks, discount=discount, user=user, now=now)
    except SelectionRefused as refused:
        raise bad_input(
            Fault(path=_path(refused.field, wanted), code=refused.code, message=refused.message)
        ) from refused
    except TooManyQuotes as limit:
        raise too_many_requests(seconds=limit.seconds) from limit
    response["Location"] = reverse("api:get_quote", args=[quote.uid])
    return Status(HTTPStatus.CREATED, Quote.of(quote))


@router.get(
    "/quotes/{quote_id}",
    response=answers({200: Quote}, HTTPStatus.NOT_FOUND),
    auth=Bearer(Scope.QUOTES_WRITE),
    operation_id="get_quote",
    url_name="get_quote",
    summary="See a quote again",
)
def details(request: HttpRequest, quote_id: UUID) -> Quote:
    """As it was made; whether it still holds is found out by ordering it."""
    return Quote.of(quote_for(caller(request), quote_id))


def _path(field: str, wanted: Wanted) -> str:
    """Where in the body the input stands that a rule refused: plan, interval, code, or an add-on by its identifier."""
    ids = [str(addon.id) for addon in wanted.addons]
    return f"addons[{ids.index(field)}]" if field in ids else field


def _names(asked: pricing.Scenario) -> dict[str, str]:
    """The name of every product the price may speak of, by its code."""
    held = asked.membership.items if asked.membership else ()
    codes = {item.product for item in (*asked.selection.items, *held)}
    return dict(Product.objects.filter(code__in=codes).values_list("code", "name"))
