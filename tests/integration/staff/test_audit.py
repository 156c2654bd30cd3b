"""The audit log: what the staff change at the desk stands in it, before and after, and nothing else does."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.legal.models import LegalText
from accounts.models import User
from accounts.staff.models import Role, StaffAction, StaffChange
from accounts.staff.watching import TRIGGER, recorded
from config.audit import SECRETS, UNWATCHED, settle_audit, watched
from memberships.models import Membership, Note, WalletEntry
from products.models import ProductLimit
from sites.models import Site
from tests.integration.products.desk_rows import full_membership

TEXTS = "/admin/legal/legaltext/"
TYPED = {"kind": "terms", "language": "en", "in_force_from": "2026-01-01", "body": "We agree."}
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def owner(colleague) -> User:
    return colleague(Role.OWNER, name="Olga")


@pytest.fixture
def desk(at_desk, owner):
    return at_desk(owner)


@pytest.fixture
def membership(catalogue) -> Membership:
    return full_membership(1, plan=catalogue.premium)


@pytest.fixture
def text(db) -> LegalText:
    return LegalText.objects.create(kind="terms", language="en", in_force_from="2026-01-01", body="We agree.")


def log() -> list[Any]:
    """Page, table, what was done and the fields, of every row in the log."""
    rows = StaffChange.objects.order_by("pk").values_list("action__page", "table", "done", "fields")
    return list(rows)


# What is recorded


def test_a_row_that_is_changed_stands_there_before_and_after(desk, owner, text):
    desk.post(f"{TEXTS}{text.pk}/change/", TYPED | {"body": "We all agree."})
    assert log() == [
        ("legal_legaltext_change", "legal_legaltext", "UPDATE", {"body": ["We agree.", "We all agree."]})
    ]
    action = StaffAction.objects.get()
    assert (action.actor, action.chosen) == (owner, "")
    assert StaffChange.objects.get().row == str(text.pk)


def test_a_row_that_is_added_and_one_that_is_removed_stand_there(desk, text):
    desk.post(f"{TEXTS}add/", TYPED | {"language": "nl", "body": "Akkoord."})
    added = LegalText.objects.get(language="nl")
    desk.post(f"{TEXTS}{text.pk}/delete/", {"post": "yes"})
    (_page, table, done, fields), (_other, *removed) = log()
    assert (table, done, fields["body"], fields["id"]) == (
        "legal_legaltext", "INSERT", [None, "Akkoord."], [None, added.pk],
    )  # fmt: skip
    assert removed[1] == "DELETE"
    assert removed[2]["body"] == ["We agree.", None]


def test_what_an_operation_writes_stands_there_also_where_no_signal_is_sent(desk, owner, catalogue):
    """`change_limits` updates rows without loading them."""
    limit = ProductLimit.objects.filter(product=catalogue.premium).first()
    with recorded(actor=owner, page="products_product_change", chosen="", now=NOON):
        ProductLimit.objects.filter(pk=limit.pk).update(amount=77)
    assert log() == [
        ("products_product_change", "products_productlimit", "UPDATE", {"amount": [limit.amount, 77]})
    ]


def test_rows_written_in_bulk_stand_there_one_by_one(owner, membership):
    notes = [Note(membership=membership, text=text, author=owner, created_at=NOON) for text in ("One", "Two")]
    with recorded(actor=owner, page="a", chosen="", now=NOON):
        Note.objects.bulk_create(notes)
    assert [fields["text"] for *_rest, fields in log()] == [[None, "One"], [None, "Two"]]
    assert StaffAction.objects.get().at == NOON


def test_a_page_with_one_button_is_recorded_with_all_that_it_does(desk, membership):
    desk.post(
        f"/admin/memberships/membership/{membership.pk}/wallet/",
        {"amount": "12.50", "note": "Sorry", "reference": "0b0b0b0b-0000-4000-8000-000000000001"},
    )
    entry = WalletEntry.objects.get(note="Sorry")
    tables = {table: fields for _page, table, _done, fields in log()}
    assert tables["memberships_walletentry"]["amount"] == [None, 1250]
    assert tables["memberships_walletentry"]["id"] == [None, entry.pk]
    assert StaffAction.objects.get().page == "memberships_membership_adjust_wallet"


def test_an_action_of_a_list_is_recorded_by_its_name(desk, membership):
    site = Site.objects.get()
    desk.post("/admin/sites/site/", {"action": "make_canaries", "_selected_action": site.pk})
    assert log() == [("sites_site_changelist", "sites_site", "UPDATE", {"is_canary": [False, True]})]
    assert StaffAction.objects.get().chosen == "make_canaries"


def test_one_request_is_one_entry_however_many_transactions_it_has(owner, text):
    with recorded(actor=owner, page="a", chosen="", now=NOON):
        for body in ("1", "2", "3"):
            with transaction.atomic():
                LegalText.objects.filter(pk=text.pk).update(body=body)
    assert (StaffAction.objects.count(), StaffChange.objects.count()) == (1, 3)


def test_a_colleagues_role_is_recorded(desk, colleague):
    nina = colleague(Role.SUPPORT, name="Nina")
    finance = nina.groups.model.objects.get(name=Role.FINANCE)
    desk.post(f"/admin/staff/staffmember/{nina.pk}/change/", {"role": finance.pk})
    assert [(table, done) for _page, table, done, _fields in log()] == [
        ("accounts_user_groups", "DELETE"),
        ("accounts_user_groups", "INSERT"),
    ]


# What is not


def test_what_is_rolled_back_leaves_no_record(owner, text):
    with recorded(actor=owner, page="a", chosen="", now=NOON):
        with transaction.atomic():
            LegalText.objects.update(body="1")
            transaction.set_rollback(True)
        assert connection.cursor().execute("SELECT 1")
    assert log() == []


def test_what_nobody_of_the_staff_does_leaves_no_record(membership, text):
    LegalText.objects.update(body="1")
    text.delete()
    assert (StaffAction.objects.count(), StaffChange.objects.count()) == (0, 0)


def test_after_the_request_nothing_more_is_recorded(desk, text):
    desk.post(f"{TEXTS}{text.pk}/change/", TYPED | {"body": "Other."})
    before = StaffChange.objects.count()
    LegalText.objects.update(body="5")
    assert StaffChange.objects.count() == before


def test_after_a_request_that_failed_nothing_more_is_recorded(owner, text):
    with pytest.raises(ValueError, match="broke"), recorded(actor=owner, page="a", chosen="", now=NOON):
        raise ValueError("it broke")
    LegalText.objects.update(body="5")
    assert log() == []


def test_looking_costs_no_statement_and_sending_costs_two(desk, text):
    def told(send) -> int:
        with CaptureQueriesContext(connection) as found:
            send()
        return sum("sitewright.staff" in query["sql"] for query in found)

    assert told(lambda: desk.get(f"{TEXTS}{text.pk}/change/")) == 0
    assert log() == []
    assert told(lambda: desk.post(f"{TEXTS}{text.pk}/change/", TYPED | {"body": "Other."})) == 2


def test_a_form_that_is_refused_leaves_no_record(desk, text):
    desk.post(f"{TEXTS}{text.pk}/change/", TYPED | {"body": ""})
    assert log() == []


def test_a_field_that_stays_empty_is_not_told(desk):
    desk.post("/admin/products/plangroup/add/", {"name": "Low End", "on_upgrade": "restart"})
    (row,) = log()
    assert None not in {became for _was, became in row[3].values()}
    assert "" not in {became for _was, became in row[3].values()}


# Secrets


def test_that_a_secret_changed_is_recorded_and_not_what_it_is(owner):
    with recorded(actor=owner, page="a", chosen="", now=NOON):
        owner.set_password("quite-another-password")
        owner.save()
    assert log() == [("a", "accounts_user", "UPDATE", {"password": ["***", "***"]})]


def test_a_long_text_is_cut(owner, membership):
    with recorded(actor=owner, page="a", chosen="", now=NOON):
        Note.objects.create(membership=membership, text="x" * 900, author=owner, created_at=NOON)
    assert log()[0][3]["text"] == [None, "x" * 500 + "…"]


def test_every_column_that_sounds_secret_is_one_or_is_known_not_to_be():
    sounds = ("secret", "password", "token", "hash", "digest", "key", "data")
    harmless = {
        *("hooks_endpoint.previous_secret_until", "auth_permission.codename"),
        *(
            "django_session.session_data",
            "django_session.session_key",
            "usersessions_usersession.session_key",
        ),
        *("hooks_message.data", "usersessions_usersession.data", "sites_chosentostay.key"),
    }
    found = {
        f"{model._meta.db_table}.{field.column}"
        for model in watched()
        for field in model._meta.concrete_fields
        if any(word in str(field.column) for word in sounds) and not field.is_relation
    }
    assert found - harmless == SECRETS


# The tables


def test_every_table_of_the_network_is_watched_but_the_named_ones(db):
    settle_audit()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, tgname = %s FROM pg_class LEFT JOIN pg_trigger ON tgrelid = pg_class.oid AND tgname = %s"
            " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
            [TRIGGER, TRIGGER],
        )
        tables = {name: bool(is_watched) for name, is_watched in cursor.fetchall()}
    unwatched = {name for name, is_watched in tables.items() if not is_watched}
    assert unwatched - {"django_migrations"} == UNWATCHED


def test_a_table_that_is_to_be_watched_no_more_is_left_alone(db, monkeypatch, owner, text):
    settle_audit()
    monkeypatch.setattr("config.audit.UNWATCHED", UNWATCHED | {"legal_legaltext"})
    settle_audit()
    with recorded(actor=owner, page="a", chosen="", now=NOON):
        LegalText.objects.update(body="1")
    assert log() == []


# The page


def test_the_log_is_read_in_words(desk, owner, colleague):
    nina = colleague(Role.SUPPORT, name="Nina")
    finance = nina.groups.model.objects.get(name=Role.FINANCE)
    desk.post(f"/admin/staff/staffmember/{nina.pk}/change/", {"role": finance.pk})
    listed = desk.get("/admin/staff/staffaction/").content.decode()
    assert "Staff member: Changed" in listed
    page = desk.get(f"/admin/staff/staffaction/{StaffAction.objects.get().pk}/change/").content.decode()
    for said in ("Olga", "Removed", "Added", "Nina", "Support", "Finance"):
        assert said in page


def test_the_log_says_which_button_was_pressed(desk, membership):
    desk.post(f"/admin/memberships/membership/{membership.pk}/note/", {"text": "<b>bold</b>"})
    listed = desk.get("/admin/staff/staffaction/", {"table": "memberships_note"}).content.decode()
    assert "Membership: Add a note" in listed
    page = desk.get(f"/admin/staff/staffaction/{StaffAction.objects.get().pk}/change/").content.decode()
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "<b>bold</b>" not in page
    assert "Customer 1" in page or "Company 1" in page


@pytest.mark.parametrize("count", [10, 1000])
def test_the_log_takes_the_same_queries_whatever_its_length(desk, owner, count, django_assert_num_queries):
    actions = [StaffAction(actor=owner, at=NOON, page="legal_legaltext_change") for _ in range(count)]
    StaffAction.objects.bulk_create(actions)
    StaffChange.objects.bulk_create(
        [
            StaffChange(action=each, table="legal_legaltext", row="1", done="UPDATE", fields={})
            for each in actions
        ]
    )
    desk.get("/admin/staff/staffaction/")
    with django_assert_num_queries(6):  # as any list, and the filter by colleague asks who there is
        assert len(desk.get("/admin/staff/staffaction/").context["cl"].result_list) == min(count, 50)


def test_nobody_changes_the_log(desk, owner):
    action = StaffAction.objects.create(actor=owner, at=NOON, page="legal_legaltext_change")
    page = f"/admin/staff/staffaction/{action.pk}"
    answers = {desk.post(f"{page}/{end}/", {"post": "yes"}).status_code for end in ("change", "delete")}
    assert answers == {403}
    assert StaffAction.objects.get() == action


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE staff_staffaction SET actor_id = actor_id",
        "DELETE FROM staff_staffchange",
        "UPDATE staff_staffchange SET fields = '{}'",
        "DELETE FROM staff_staffaction",
    ],
)
def test_the_database_itself_refuses_to_change_the_log(desk, text, statement):
    desk.post(f"{TEXTS}{text.pk}/change/", TYPED | {"body": "Other."})
    before = log()
    with (
        pytest.raises(ProgrammingError, match="only ever added to"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert log() == before
