"""Discount codes at the desk: many made at once, ended together, told apart, and what they brought and cost."""

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from re import fullmatch
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission

from checkout.operations.code_performance import Performance, performance_of
from memberships.models import Payment
from memberships.operations.discounts import grant
from memberships.operations.refunds import refund
from memberships.operations.terms import terms_of
from products.models import Discount, DiscountBatch
from products.operations.codes import make_batch, taken_for
from tests.factories.catalogue import discount
from tests.integration.checkout.reading import text_of

pytestmark = pytest.mark.django_db
LIST = "/admin/products/discount/"
BATCH = f"{LIST}batch/"
MARCH_1 = datetime(2026, 3, 1, tzinfo=UTC)
APRIL_1 = datetime(2026, 4, 1, tzinfo=UTC)


def typed(**fields: str) -> dict[str, str]:
    """The page of a new batch as a browser sends it, with `fields` filled in."""
    return {
        **dict.fromkeys(("name", "percent", "amount", "periods"), ""),
        **{f"{name}_{part}": "" for name in ("starts_at", "ends_at") for part in (0, 1)},
        "begins_with": "spring", "size": "25", "percent": "20", "currency": "EUR", "is_active": "on",
        "most_uses": "1", "most_uses_per_customer": "1", "uid": str(uuid4()),
        **fields,
    }  # fmt: skip


# A batch


def test_a_batch_is_unique_codes_by_one_set_of_rules(desk, staff, catalogue):
    answer = desk.post(
        BATCH,
        typed(products=str(catalogue.premium.pk), periods="3", ends_at_0="2026-06-01", ends_at_1="00:00"),
    )
    batch = DiscountBatch.objects.get()
    assert answer["Location"] == f"{LIST}?batch__id__exact={batch.pk}"
    assert (batch.prefix, batch.size, batch.made_by) == ("SPRING", 25, staff)
    codes = list(batch.codes.prefetch_related("products"))
    assert len({code.code for code in codes}) == 25
    assert all(fullmatch(r"SPRING-[2-9A-HJKMNP-TV-Z]{8}", code.code) for code in codes)
    made = {
        (code.percent, code.periods, code.most_uses, code.ends_at.date().isoformat(), *code.products.all())
        for code in codes
    }
    assert made == {(Decimal(20), 3, 1, "2026-06-01", catalogue.premium)}
    assert len(desk.get(answer["Location"]).context["cl"].result_list) == 25


def test_a_form_that_is_sent_twice_makes_one_batch(desk):
    form = typed()
    first, second = (desk.post(BATCH, form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Discount.objects.count() == 25


def test_each_code_of_a_batch_is_used_once(desk, world, catalogue):
    desk.post(BATCH, typed())
    first, second = Discount.objects.order_by("pk")[:2]
    world.signs_up("alice", catalogue.premium, now=MARCH_1, code=first.code)
    bob = world.comes("bob", now=MARCH_1)
    with pytest.raises(Exception, match="used_up"):
        grant(code=first.code, terms=terms_of(bob), now=MARCH_1)
    assert grant(code=second.code, terms=terms_of(bob), now=MARCH_1).percent == 20


@pytest.mark.parametrize(
    ("fields", "field", "message"),
    [
        ({"size": "0"}, "size", "Ensure this value is greater than or equal to 1."),
        ({"size": "10001"}, "size", "Ensure this value is less than or equal to 10000."),
        (
            {"begins_with": "20 % off"},
            "begins_with",
            "A prefix has up to 20 letters, digits, - and _, and begins with a letter or a digit.",
        ),
        ({"percent": ""}, "percent", "Enter a percentage or an amount, one of the two."),
        ({"uid": "x"}, "uid", "Enter a valid UUID."),
    ],
    ids=["none", "too many", "spelling", "no rules", "forged"],
)
def test_a_batch_that_cannot_be_is_refused_at_its_field_and_nothing_is_made(desk, fields, field, message):
    answer = desk.post(BATCH, typed(**fields))
    assert answer.status_code == 422
    assert answer.context["form"].errors == {field: [message]}
    assert (Discount.objects.count(), DiscountBatch.objects.count()) == (0, 0)


def test_a_batch_takes_as_many_statements_whatever_its_size(staff, catalogue, django_assert_num_queries):
    for size in (10, 1000):
        with django_assert_num_queries(9):
            make_batch(
                uid=uuid4(), prefix="B", size=size, rules={"percent": 10}, only_for=[catalogue.premium], actor=staff,
                now=MARCH_1,
            )  # fmt: skip


def test_a_batch_is_taken_along_as_a_file(desk):
    desk.post(BATCH, typed(amount="5.00", percent=""))
    discount("OTHER", percent=5)
    batch = DiscountBatch.objects.get()
    answer = desk.post(
        f"{LIST}export/", {"format": "0", "resource": "0"}, query_params={"batch__id__exact": str(batch.pk)}
    )
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert {row["code"] for row in rows} == set(batch.codes.values_list("code", flat=True))
    assert {(row["amount"], row["currency"], row["uses"], row["active"]) for row in rows} == {
        ("5.00", "EUR", "0", "yes")
    }


def test_chosen_codes_are_ended_and_offered_again_with_who_did_it(desk, staff):
    desk.post(BATCH, typed(size="2"))
    chosen = list(Discount.objects.values_list("pk", flat=True))
    for action, is_active, note in (
        ("offer_no_more", False, "ended"),
        ("offer_again", True, "can be entered"),
    ):
        desk.post(LIST, {"action": action, "_selected_action": chosen})
        assert set(Discount.objects.values_list("is_active", flat=True)) == {is_active}
        desk.post(LIST, {"action": action, "_selected_action": chosen})
        assert LogEntry.objects.filter(change_message=note, user=staff).count() == 2


def test_who_may_not_add_codes_makes_no_batch(desk, staff):
    staff.is_superuser = False
    staff.save()
    staff.user_permissions.set(Permission.objects.filter(codename="view_discount"))
    assert desk.post(BATCH, typed()).status_code == 403
    assert "Make a batch" not in desk.get(LIST).content.decode()
    assert Discount.objects.count() == 0


# Codes that people take for each other


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("SPRING20", "SPRING20"), ("SPRING-20", "SPRING20"), ("SPR1NG2O", "SPRING20"), ("SPRLNG_20", "SPRING20"),
        ("SPRING21", None), ("SPRING", None),
    ],
)  # fmt: skip
def test_a_code_overlaps_with_one_that_reads_alike(code, found):
    discount("SPRING20", percent=20)
    there = taken_for(code)
    assert (there.code if there else None) == found


def test_an_overlapping_code_is_refused_with_what_it_would_be_taken_for(desk):
    discount("SPRING20", percent=20, periods=3)
    forms = {
        code: desk.post(
            f"{LIST}add/", typed(code=code, **{"uses-TOTAL_FORMS": "0", "uses-INITIAL_FORMS": "0"})
        )
        for code in ("spring-2o", "spring20")
    }
    said = {code: answer.context["adminform"].form.errors["code"] for code, answer in forms.items()}
    assert said == {
        "spring-2o": [
            "People would take this for SPRING20, which is there already. Choose a code that reads otherwise."
        ],
        "spring20": [
            "There is a code of this name already: 20 %, 3 periods, always. Change it, or take another name."
        ],
    }
    assert Discount.objects.count() == 1


# What they brought and cost


def test_a_codes_bills_say_what_it_gave_and_brought(desk, world, catalogue, staff):
    """Alice's code halves two months; Bob's was never entered; what is taken back is left out."""
    code = discount("HALF", percent=50, periods=2)
    other = discount("OTHER", percent=10)
    alice = world.signs_up("alice", catalogue.premium, now=MARCH_1, code="HALF")
    world.signs_up("bob", catalogue.premium, now=MARCH_1)
    assert performance_of([code.pk]) == [Performance(currency="EUR", bills=1, given=1500, revenue=1500)]
    assert performance_of([other.pk]) == []
    world.walk(APRIL_1, datetime(2026, 5, 2, tzinfo=UTC))
    assert world.fresh(alice).invoices.count() == 3
    assert performance_of([code.pk, other.pk]) == [
        Performance(currency="EUR", bills=2, given=3000, revenue=3000)
    ]

    shown = text_of(desk.get(f"{LIST}{code.pk}/change/"))
    assert "EUR 2 €30.00 €30.00" in shown
    assert "No bill has been lowered by it yet." in text_of(desk.get(f"{LIST}{other.pk}/change/"))
    assert "EUR 2 €30.00 €30.00" in text_of(desk.get(LIST, {"is_active__exact": "1"}))

    first = Payment.objects.filter(membership=alice).earliest("created_at")
    refund(payment=first, amount=1500, reason="r", actor=staff, now=datetime(2026, 5, 3, tzinfo=UTC))
    assert performance_of([code.pk]) == [Performance(currency="EUR", bills=2, given=1500, revenue=1500)]
