"""Whatever is sent to a sign-up, twice, late, hostile or for somebody else: one sign-up, one order, one site."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from checkout.models import Order, SignUp
from memberships.models import Customer, Membership, Payment
from products.models import Price
from sites.models import AddressHold, Site
from tests.factories.catalogue import Catalogue
from tests.integration.checkout.reading import text_of
from tests.integration.sign_up.conftest import SignsUp, choice

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("gateway_double")]
SITE = {"name": "Nora's Bikes", "slug": "noras-bikes", "starter": ""}
HUGE = "x" * 50_000
HOSTILE = [
    "\x00",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "\N{MATHEMATICAL BOLD FRAKTUR CAPITAL A}" * 300,
    "../../etc/passwd",
    HUGE,
]


@pytest.fixture
def nora(signs_up: SignsUp, catalogue: Catalogue) -> Client:
    """In front of the review."""
    browser = signs_up(catalogue.premium)
    browser.post("/sign-up/site/", SITE)
    browser.get("/sign-up/review/")
    return browser


def quote_shown() -> str:
    quote = SignUp.objects.get(state="open").quote
    assert quote is not None
    return str(quote.uid)


def test_the_button_pressed_twice_is_one_order(nora: Client) -> None:
    quote = quote_shown()
    first = nora.post("/sign-up/review/", {"quote": quote})
    second = nora.post("/sign-up/review/", {"quote": quote})
    order = Order.objects.get()
    assert first.status_code == 200
    assert second["Location"] == f"/orders/{order.uid}/"
    assert Payment.objects.count() == 1


def test_a_choice_made_in_another_window_meanwhile_is_shown_before_it_is_bought(
    nora: Client, catalogue: Catalogue
) -> None:
    seen = quote_shown()
    assert nora.post("/sign-up/", choice(catalogue.business))["Location"] == "/sign-up/review/"
    answer = nora.post("/sign-up/review/", {"quote": seen})
    assert answer.status_code == 409
    assert "due today were €30.00, and are now €90.00" in text_of(answer)
    assert Order.objects.count() == 0


@pytest.mark.parametrize(
    "quote", ["", "nonsense", str(uuid4()), HUGE], ids=["empty", "nonsense", "unknown", "huge"]
)
def test_a_quote_that_is_none_orders_nothing(nora: Client, quote: str) -> None:
    answer = nora.post("/sign-up/review/", {"quote": quote})
    assert (answer.status_code, Order.objects.count()) == (409, 0)


def test_anothers_quote_orders_nothing(nora: Client, signs_up: SignsUp, catalogue: Catalogue) -> None:
    hers = quote_shown()
    SignUp.objects.update(state="left", settled_at=timezone.now())
    omar = signs_up(catalogue.premium, email="omar@example.com")
    omar.post("/sign-up/site/", {**SITE, "slug": "omars"})
    omar.get("/sign-up/review/")
    assert omar.post("/sign-up/review/", {"quote": hers}).status_code == 409
    assert Order.objects.count() == 0


def test_a_plan_that_is_taken_off_sale_half_way_leads_back_to_the_plans(
    nora: Client, catalogue: Catalogue
) -> None:
    quote = quote_shown()
    catalogue.premium.is_active = False
    catalogue.premium.save()
    answer = nora.post("/sign-up/review/", {"quote": quote})
    assert answer["Location"].startswith("/sign-up/?plan=")
    page = text_of(nora.get(answer["Location"]))
    assert "Choose one of the plans shown." in page
    assert Order.objects.count() == 0
    assert nora.post("/sign-up/", choice(catalogue.free))["Location"] == "/sign-up/review/"


def test_a_price_that_changed_is_shown_before_it_is_paid(nora: Client, catalogue: Catalogue) -> None:
    quote = quote_shown()
    now = timezone.now()
    Price.objects.filter(product=catalogue.premium, interval_unit="month").update(superseded_at=now)
    Price.objects.create(product=catalogue.premium, currency="EUR", interval_unit="month", amount=3500)
    answer = nora.post("/sign-up/review/", {"quote": quote})
    assert answer.status_code == 409
    assert "due today were €30.00, and are now €35.00" in text_of(answer)
    assert nora.post("/sign-up/review/", {"quote": quote_shown()}).status_code == 200


def test_an_order_that_was_stopped_leads_back_with_the_choice_kept(nora: Client) -> None:
    nora.post("/sign-up/review/", {"quote": quote_shown()})
    order = Order.objects.get()
    assert nora.post(f"/orders/{order.uid}/stop/")["Location"] == f"/orders/{order.uid}/"
    assert nora.get(f"/orders/{order.uid}/")["Location"] == "/sign-up/"
    assert nora.get("/sign-up/")["Location"] == "/sign-up/review/"
    page = nora.get("/sign-up/review/")
    assert "Your order was not paid, and nothing was charged." in text_of(page)
    assert nora.post("/sign-up/review/", {"quote": quote_shown()}).status_code == 200
    assert Order.objects.count() == 2


def test_while_an_order_waits_nothing_else_can_be_chosen(nora: Client, catalogue: Catalogue) -> None:
    nora.post("/sign-up/review/", {"quote": quote_shown()})
    order = Order.objects.get()
    for answer in (
        nora.get("/sign-up/"),
        nora.get("/sign-up/", choice(catalogue.free)),
        nora.post("/sign-up/", choice(catalogue.free)),
        nora.post("/sign-up/site/", {**SITE, "slug": "another"}),
        nora.get("/sign-up/review/"),
    ):
        assert answer["Location"] == f"/orders/{order.uid}/"
    assert SignUp.objects.get().plan == catalogue.premium


def test_the_second_to_ask_for_an_address_is_told_and_offered_others(
    nora: Client, signs_up: SignsUp, catalogue: Catalogue
) -> None:
    omar = signs_up(catalogue.free, email="omar@example.com")
    answer = omar.post("/sign-up/site/", SITE)
    assert answer.status_code == 422
    shown = text_of(answer)
    assert "This address is taken. Choose another." in shown
    assert "noras-bikes-site" in shown
    assert 'value="Nora&#x27;s Bikes"' in answer.content.decode()
    assert omar.post("/sign-up/site/", {**SITE, "take": "noras-bikes-site"}).status_code == 302
    assert set(AddressHold.objects.values_list("slug", flat=True)) == {"noras-bikes", "noras-bikes-site"}


def test_an_address_taken_between_review_and_order_is_chosen_anew(
    nora: Client, signs_up: SignsUp, catalogue: Catalogue
) -> None:
    quote = quote_shown()
    AddressHold.objects.update(until=timezone.now() - timedelta(seconds=1))
    omar = signs_up(catalogue.free, email="omar@example.com")
    assert omar.post("/sign-up/site/", SITE).status_code == 302
    assert nora.post("/sign-up/review/", {"quote": quote})["Location"] == "/sign-up/site/"
    assert Order.objects.count() == 0


@pytest.mark.parametrize("path", ["/sign-up/site/", "/sign-up/review/"])
def test_nobody_is_asked_to_sign_in(client: Client, path: str) -> None:
    browser = Client(headers={"host": "localhost"})
    assert browser.get(path)["Location"] == f"/auth/login/?next={path}"
    assert browser.post(path)["Location"] == f"/auth/login/?next={path}"


def test_somebody_elses_order_and_card_are_not_found(
    nora: Client, signs_up: SignsUp, catalogue: Catalogue
) -> None:
    nora.post("/sign-up/review/", {"quote": quote_shown()})
    order = Order.objects.get()
    omar = signs_up(catalogue.free, email="omar@example.com")
    assert omar.get(f"/sign-up/orders/{order.uid}/").status_code == 404
    assert omar.get(f"/sign-up/card/{uuid4()}/").status_code == 404
    assert omar.get(f"/account/{order.membership.uid}/").status_code == 404


def test_who_has_a_site_and_no_sign_up_is_led_to_their_account(catalogue: Catalogue) -> None:
    user = User.objects.create_user("max@example.com", name="Max")
    Membership.objects.create(
        customer=Customer.objects.create(user=user), currency="EUR", state="active", created_at=timezone.now()
    )
    browser = Client(headers={"host": "localhost"})
    browser.force_login(user)
    assert browser.get("/sign-up/review/")["Location"] == "/account/"
    assert browser.get("/sign-up/").status_code == 200


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_choices_are_refused_and_nothing_breaks(
    visitor: Client, catalogue: Catalogue, text: str
) -> None:
    good = choice(catalogue.premium)
    for field in ("plan", "period", "extra"):
        sent = {**good, field: text}
        assert visitor.post("/sign-up/", sent).status_code == 422
        assert visitor.get("/sign-up/", sent).status_code == 200
        assert visitor.get("/sign-up/summary/", sent).status_code == 200
        assert visitor.get("/sign-up/account/", sent).status_code == 302
    assert visitor.post("/sign-up/", {**good, "code": text}).status_code == 422
    assert visitor.get("/sign-up/", {**good, "code": text}).status_code == 200


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_sites_are_refused_and_what_was_typed_stays(
    signs_up: SignsUp, catalogue: Catalogue, text: str
) -> None:
    browser = signs_up(catalogue.premium)
    for sent in ({**SITE, "slug": text}, {**SITE, "starter": text}):
        answer = browser.post("/sign-up/site/", sent)
        assert answer.status_code == 422
        assert 'value="Nora&#x27;s Bikes"' in answer.content.decode()
        assert "<script>alert" not in answer.content.decode()
    assert browser.get("/sites/address/", {"slug": text, "name": text}).status_code == 200
    assert browser.get("/sites/address/", {"name": text, "fill": "yes"}).status_code == 200
    assert AddressHold.objects.count() == 0


def test_a_name_is_needed_and_the_message_stands_at_its_field(
    signs_up: SignsUp, catalogue: Catalogue
) -> None:
    browser = signs_up(catalogue.premium)
    answer = browser.post("/sign-up/site/", {"name": " ", "slug": "noras-bikes"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'aria-describedby="id_name_error"' in page
    assert "Enter a name." in page
    assert 'value="noras-bikes"' in page


def test_an_address_that_is_left_out_is_made_of_the_name(signs_up: SignsUp, catalogue: Catalogue) -> None:
    browser = signs_up(catalogue.premium)
    browser.post("/sign-up/site/", {"name": "Café Noël & Söhne", "slug": ""})
    assert SignUp.objects.get().slug == "cafe-noel-sohne"


def test_a_name_that_no_address_can_be_made_of_asks_for_one(signs_up: SignsUp, catalogue: Catalogue) -> None:
    browser = signs_up(catalogue.premium)
    answer = browser.post("/sign-up/site/", {"name": "日本語", "slug": ""})
    assert answer.status_code == 422
    assert "Enter an address." in text_of(answer)


def test_prices_are_not_asked_for_without_end(visitor: Client, catalogue: Catalogue, settings) -> None:
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "sign_up_prices": "2/m/ip"}
    answers = [visitor.get("/sign-up/summary/", choice(catalogue.premium)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2]["Retry-After"] == "60"


def test_a_person_has_no_two_sign_ups(nora: Client, catalogue: Catalogue) -> None:
    for plan in (catalogue.premium, catalogue.free, catalogue.premium):
        nora.post("/sign-up/", choice(plan))
    assert SignUp.objects.count() == 1
    assert (Membership.objects.count(), Site.objects.count()) == (1, 0)


def test_the_pages_cost_few_statements(
    visitor: Client, nora: Client, catalogue: Catalogue, django_assert_max_num_queries
) -> None:
    with django_assert_max_num_queries(8):
        visitor.get("/sign-up/", choice(catalogue.premium))
    with django_assert_max_num_queries(24):
        nora.get("/sign-up/review/")
    with django_assert_max_num_queries(16):
        nora.get("/sign-up/site/")
    with django_assert_max_num_queries(5):
        nora.get("/sites/address/", {"slug": "noras-bikes"})
