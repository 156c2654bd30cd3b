"""The page of a discount code in the network admin: what is typed, what is only shown, what is refused and why."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from products.models import Discount
from tests.factories.catalogue import discount
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
LIST = "/admin/products/discount/"
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)


def typed(**fields: str) -> dict[str, str]:
    """The page as a browser sends it, with `fields` filled in."""
    return {
        **dict.fromkeys(("name", "percent", "amount", "periods", "most_uses"), ""),
        **{f"{name}_{part}": "" for name in ("starts_at", "ends_at") for part in (0, 1)},
        "currency": "EUR",
        "is_active": "on",
        "most_uses_per_customer": "1",
        "uses-TOTAL_FORMS": "0",
        "uses-INITIAL_FORMS": "0",
        **fields,
    }


def page_of(code: Discount) -> str:
    return f"{LIST}{code.pk}/change/"


def errors_of(answer) -> dict[str, list[str]]:
    assert answer.status_code == 200
    errors: dict[str, list[str]] = answer.context["adminform"].form.errors
    return errors


def test_a_percentage_is_made_with_its_rules(desk, catalogue):
    answer = desk.post(
        f"{LIST}add/",
        typed(
            code=" spring-26 ", percent="12.5", periods="3", most_uses="100", products=str(catalogue.premium.pk),
            covers_setup_fee="on", starts_at_0="2026-03-01", starts_at_1="00:00", ends_at_0="2026-06-01",
            ends_at_1="00:00",
        ),
    )  # fmt: skip
    assert answer.status_code == 302, errors_of(answer)
    made = Discount.objects.get()
    assert (made.code, made.percent, made.amount, made.currency) == ("SPRING-26", Decimal("12.5"), None, "")
    assert (made.periods, made.most_uses, made.most_uses_per_customer) == (3, 100, 1)
    assert (list(made.products.all()), made.covers_setup_fee, made.is_active) == (
        [catalogue.premium],
        True,
        True,
    )
    assert made.starts_at is not None
    assert made.ends_at is not None
    assert (made.starts_at.isoformat()[:10], made.ends_at.isoformat()[:10]) == ("2026-03-01", "2026-06-01")


def test_an_amount_is_typed_in_major_units_of_its_currency(desk):
    desk.post(f"{LIST}add/", typed(code="TEN", amount="10.00", currency="EUR"))
    desk.post(f"{LIST}add/", typed(code="YEN", amount="500", currency="JPY"))
    rows = Discount.objects.order_by("code").values_list("code", "amount", "currency", "periods")
    assert list(rows) == [("TEN", 1000, "EUR", None), ("YEN", 500, "JPY", None)]
    assert 'value="10.00"' in desk.get(page_of(Discount.objects.get(code="TEN"))).content.decode()


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"percent": "10"}, "code", "This field is required."),
        (
            {"code": "20 % off", "percent": "20"},
            "code",
            "A code has up to 40 letters, digits, - and _, and begins with a letter or a digit.",
        ),
        (
            {"code": "taken", "percent": "20"},
            "code",
            "There is a code of this name already: 10 %, for good, always. Change it, or take another name.",
        ),
        ({"code": "A"}, "percent", "Enter a percentage or an amount, one of the two."),
        (
            {"code": "A", "percent": "5", "amount": "5"},
            "percent",
            "Enter a percentage or an amount, one of the two.",
        ),
        ({"code": "A", "percent": "101"}, "percent", "Ensure this value is less than or equal to 100."),
        ({"code": "A", "percent": "0"}, "percent", "Ensure this value is greater than or equal to 0.0001."),
        ({"code": "A", "amount": "0"}, "amount", "An amount is more than 0 and at most €10,000,000,000.00."),
        ({"code": "A", "amount": "5.555"}, "amount", "EUR has 2 decimals."),
        ({"code": "A", "amount": "5.5", "currency": "JPY"}, "amount", "JPY has no decimals."),
        (
            {"code": "A", "percent": "5", "periods": "0"},
            "periods",
            "Ensure this value is greater than or equal to 1.",
        ),
        (
            {
                "code": "A",
                "percent": "5",
                "starts_at_0": "2026-03-02",
                "starts_at_1": "00:00",
                "ends_at_0": "2026-03-02",
                "ends_at_1": "00:00",
            },
            "ends_at",
            "The end lies after the beginning.",
        ),
    ],
)
def test_what_contradicts_itself_is_refused_with_a_sentence_at_its_field(desk, fields, field, message):
    discount("TAKEN", percent=10)
    answer = desk.post(f"{LIST}add/", typed(**fields))
    assert errors_of(answer) == {field: [message]}
    assert Discount.objects.count() == 1


def test_a_code_in_use_keeps_its_name_and_says_who_keeps_what(desk, world, catalogue):
    welcome = discount("WELCOME20", percent=20, periods=3)
    carol = world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    shown = text_of(desk.get(page_of(welcome)))
    kept = "1 use keeps what it was granted; what you change here counts for those to come."
    assert kept in shown
    assert "20 %, 2 periods" in shown
    desk.post(page_of(welcome), typed(code="OTHER", percent="5", periods="1"))
    welcome.refresh_from_db()
    assert (welcome.code, welcome.percent, welcome.periods) == ("WELCOME20", Decimal(5), 1)
    assert carol.discount_uses.get().terms["percent"] == "20"


def test_a_code_in_use_cannot_be_deleted(desk, world, catalogue):
    welcome = discount("WELCOME20", percent=20)
    world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    desk.post(f"{LIST}{welcome.pk}/delete/", {"post": "yes"})
    assert Discount.objects.filter(pk=welcome.pk).exists()


def test_the_list_finds_codes_and_counts_their_uses(desk, world, catalogue):
    discount("WELCOME20", name="Autumn letter", percent=20, periods=3, most_uses=100)
    discount("TEN", amount=1000, currency="EUR")
    world.signs_up("carol", catalogue.premium, now=MARCH_1, code="WELCOME20")
    shown = text_of(desk.get(LIST))
    assert "20 %, 3 periods" in shown
    assert "1 of 100" in shown
    assert "€10.00, for good" in shown
    assert "TEN" not in text_of(desk.get(f"{LIST}?q=autumn"))
