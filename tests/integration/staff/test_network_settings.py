"""What the network runs by: seen by everybody at the desk, changed by its owners, in force at once."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.utils import timezone
from django_tenants.utils import tenant_context

from accounts.models import User
from accounts.network import live
from accounts.network.live import names, network, one_look
from accounts.network.models import NetworkSettings
from accounts.network.operations import ChangedMeanwhile, change_settings
from accounts.staff.models import Role, StaffChange
from config.network_settings import page
from sites.tasks import fill_pool
from tests.integration.checkout.reading import text_of

PAGE = "/admin/network-settings/"
ON = "on"


@pytest.fixture
def owner(colleague) -> User:
    return colleague(Role.OWNER, name="Olga")


@pytest.fixture
def desk(at_desk, owner):
    return at_desk(owner)


@pytest.fixture
def send(django_capture_on_commit_callbacks):
    """Send a form; what waits for the commit happens."""

    def post(browser, typed: dict[str, str]) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return browser.post(PAGE, typed)

    return post


def shown(browser, **typed: str) -> dict[str, str]:
    """The page's form as a browser would send it, with some of it typed anew."""
    form = browser.get(PAGE).context["form"]
    sent = {}
    for field in form:
        value = field.value()
        if field.field.show_hidden_initial:
            sent[field.html_initial_name] = str(value)
        if value is not False and value is not None:
            sent[field.name] = ON if value is True else str(value)
    return sent | typed


def change(*, actor: User, given_up: tuple[str, ...] = (), **chosen: Any) -> None:
    row = NetworkSettings.objects.filter(pk=1).first()
    change_settings(
        chosen=chosen, given_up=given_up, seen=row.version if row else 0, actor=actor, now=timezone.now()
    )
    live.forget()  # a test is never committed


def errors(response: Any) -> dict[str, list[str]]:
    return {name: list(said) for name, said in response.context["form"].errors.items()}


# What stands there


def test_each_setting_stands_with_its_value_where_it_is_from_and_what_it_does(at_desk, owner, settings):
    settings.GRACE_DAYS, settings.DUNNING_DAYS, settings.SELLER_IBAN = 1, [0, 2], ""
    change(actor=owner, undo_hours=48)
    said = text_of(at_desk(Role.SUPPORT).get(PAGE))
    for line in (
        "are over follow within ten minutes. 1 day From the environment.",
        "0: not at all. 48 hours Set at the desk. The environment says: 24 hours.",
        "DUNNING_DAYS Days after its due date on which the saved card is charged. A bill that is open keeps its",
        "next day, and follows from then on. 0, 2 From the environment.",
        "Empty: bank transfer is not offered. \N{EN DASH} From the environment.",
        "Currency CURRENCY Of new prices. EUR From the environment. Decided before the first price",
        "Only owners change them. Last changed by Olga",
    ):
        assert line in said


def test_no_secret_stands_there(desk, settings):
    settings.STRIPE_API_KEY = settings.SECRET_KEY = "not-for-a-page"
    assert "not-for-a-page" not in desk.get(PAGE).content.decode()


@pytest.mark.parametrize("role", [Role.SUPPORT, Role.FINANCE, Role.READ_ONLY])
def test_who_is_no_owner_sees_them_and_changes_nothing(at_desk, desk, role):
    typed = shown(desk, undo_hours="48")
    colleague = at_desk(role)
    assert colleague.get(PAGE).context["form"] is None
    assert colleague.post(PAGE, typed).status_code == 403
    assert NetworkSettings.objects.count() == 0


def test_staff_without_a_role_do_not_see_them(at_desk):
    assert at_desk("").get(PAGE).status_code == 403


def test_every_setting_that_can_change_has_a_column_a_field_and_a_place_on_the_page(desk):
    columns = {field.name for field in NetworkSettings._meta.concrete_fields}
    assert columns - {"id", "version", "changed_at", "changed_by"} == set(names())
    on_the_page = {each.name.lower() for _title, group in page.GROUPS for each in group if not each.why_fixed}
    assert on_the_page == set(names()) == set(desk.get(PAGE).context["form"].fields) - {"seen"}


# Changing them


def test_what_an_owner_sets_is_in_force_and_the_rest_stays_the_environments(desk, owner, send):
    answer = send(desk, shown(desk, undo_hours="48", dunning_days="0, 2,5", trials_need_a_card=ON))
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert (network.undo_hours, network.dunning_days, network.trials_need_a_card) == (48, [0, 2, 5], True)
    row = NetworkSettings.objects.get()
    assert [name for name in names() if getattr(row, name) is not None] == [
        "trials_need_a_card", "undo_hours", "dunning_days",
    ]  # fmt: skip
    assert (row.version, row.changed_by) == (1, owner)


def test_the_audit_log_has_it_before_and_after(desk, owner, send):
    change(actor=owner, undo_hours=48)
    send(desk, shown(desk, undo_hours="12"))
    logged = StaffChange.objects.get()
    assert (logged.table, logged.action.page, logged.action.actor) == (
        "network_networksettings", "network_settings", owner,
    )  # fmt: skip
    assert {name: fields for name, fields in logged.fields.items() if name != "changed_at"} == {
        "undo_hours": [48, 12],
        "version": [1, 2],
    }


def test_empty_is_a_value_and_not_the_environments(desk, send, settings):
    settings.SELLER_IBAN = "NL91ABNA0417164300"
    send(desk, shown(desk, seller_iban=""))
    assert network.seller_iban == ""


def test_a_switch_can_be_put_off_that_the_environment_has_on(desk, send, settings):
    settings.TRIALS_NEED_A_CARD = True
    typed = shown(desk)
    del typed["trials_need_a_card"]
    send(desk, typed)
    assert network.trials_need_a_card is False


def test_one_goes_back_to_the_environments_value(desk, owner, send):
    change(actor=owner, undo_hours=48, grace_days=3)
    send(desk, shown(desk, undo_hours="50", back_to_environment_undo_hours=ON))
    assert (network.undo_hours, network.grace_days) == (24, 3)
    assert NetworkSettings.objects.get().undo_hours is None


def test_a_form_in_which_nothing_was_changed_changes_nothing(desk, send):
    assert send(desk, shown(desk)).status_code == 302
    assert NetworkSettings.objects.count() == 0


def test_what_people_type_with_spaces_is_stored_without(desk, send):
    typed = {"seller_iban": "nl91 abna 0417 1643 00", "seller_vat_number": "nl 0044.95.445.b01"}
    send(desk, shown(desk, seller_address=" Keizersgracht 100 \n\n 1015 CV Amsterdam ", **typed))
    assert (network.seller_iban, network.seller_vat_number, network.seller_address) == (
        "NL91ABNA0417164300", "NL004495445B01", "Keizersgracht 100\n1015 CV Amsterdam",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "typed", "sentence"),
    [
        ("dunning_days", "3, 1", "Enter ascending days, such as 0, 1, 3, 7."),
        ("dunning_days", "0, soon", "Enter ascending days, such as 0, 1, 3, 7."),
        ("dunning_days", "-1, 3", "Enter ascending days, such as 0, 1, 3, 7."),
        ("dunning_days", "0, 15", "The last day may be 14 at most: then an unpaid membership expires."),
        ("dunning_days", " ", "This field is required."),
        ("undo_hours", "-1", "Ensure this value is greater than or equal to 0."),
        ("undo_hours", "1000000", "Ensure this value is less than or equal to 720."),
        ("grace_days", "two", "Enter a whole number."),
        ("network_name", " ", "This field is required."),
        ("network_name", "x" * 61, "Ensure this value has at most 60 characters (it has 61)."),
        ("seller_country", "XX", "Select a valid choice. XX is not one of the available choices."),
        ("seller_vat_number", "NL00", "This is not a VAT number of that country. Look at each digit."),
        ("seller_iban", "NL00ABNA0417164300", "This is not an IBAN. Look at each digit."),
        ("seller_bic", "ABN", "This is not a BIC: it has 8 or 11 letters and digits."),
        ("email_confirmation", "never", "Select a valid choice. never is not one of the available choices."),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_at_its_field_and_nothing_is_saved(desk, send, name, typed, sentence):
    answer = send(desk, shown(desk, spare_sites="7") | {name: typed})
    assert (answer.status_code, errors(answer)[name]) == (422, [sentence])
    assert answer.context["form"]["spare_sites"].value() == "7"
    assert NetworkSettings.objects.count() == 0


def test_two_that_do_not_go_together_are_refused(desk, send):
    answer = send(desk, shown(desk, expire_after_days="5"))
    assert errors(answer) == {
        "dunning_days": ["The last day may be 5 at most: then an unpaid membership expires."]
    }
    assert send(desk, shown(desk, expire_after_days="5", dunning_days="0, 5")).status_code == 302


def test_the_way_back_is_held_to_the_rules_too(desk, owner, send):
    change(actor=owner, expire_after_days=40, dunning_days=[0, 30])
    answer = send(desk, shown(desk, back_to_environment_expire_after_days=ON))
    assert list(errors(answer)) == ["dunning_days"]
    assert network.expire_after_days == 40


def test_an_environment_that_goes_no_more_with_what_is_set_here_is_told(desk, owner, settings):
    change(actor=owner, dunning_days=[0, 10])
    settings.EXPIRE_AFTER_DAYS = 5
    assert "DUNNING_DAYS: The last day may be 5 at most" in text_of(desk.get(PAGE))


# Two at once


def test_the_second_of_two_owners_is_told_what_the_first_changed_and_loses_nothing(desk, colleague, send):
    typed = shown(desk, undo_hours="48")
    change(actor=colleague(Role.OWNER, name="Otto"), grace_days=3, undo_hours=12)
    answer = send(desk, typed)
    assert answer.status_code == 422
    [told] = errors(answer)["__all__"]
    assert told.startswith("Otto changed these settings at ")
    assert told.endswith(
        ": Hours to undo an upgrade, Days of grace. What you typed still stands here, and is not saved."
    )
    assert (network.undo_hours, network.grace_days) == (12, 3)
    form = answer.context["form"]
    again = {name: form.data[name] for name in form.data}
    assert send(desk, again).status_code == 302
    assert (network.undo_hours, network.grace_days) == (48, 3)


def test_who_is_second_by_a_moment_is_told_as_well(desk, colleague, send, monkeypatch):
    """The colleague commits after the page has looked, and before it has the row to itself."""
    otto = colleague(Role.OWNER, name="Otto")

    def a_moment_later(**asked: Any) -> None:
        change(actor=otto, grace_days=3)
        change_settings(**asked)

    typed = shown(desk, undo_hours="48")
    monkeypatch.setattr(page, "change_settings", a_moment_later)
    answer = send(desk, typed)
    [told] = errors(answer)["__all__"]
    assert ": Days of grace. What you typed" in told
    assert answer.context["form"]["grace_days"].value() == "3"
    assert (network.undo_hours, network.grace_days) == (24, 3)


def test_the_same_form_sent_twice_changes_it_once(desk, send):
    typed = shown(desk, undo_hours="48")
    assert [send(desk, typed).status_code for _ in range(2)] == [302, 302]
    assert NetworkSettings.objects.get().version == 1


def test_who_saw_an_older_version_changes_nothing(owner, db):
    change(actor=owner, undo_hours=48)
    with pytest.raises(ChangedMeanwhile):
        change_settings(chosen={"undo_hours": 1}, given_up=(), seen=0, actor=owner, now=timezone.now())
    assert NetworkSettings.objects.get().undo_hours == 48


# In force at once, and looked up once


def test_a_request_or_a_task_sees_one_state_of_them_and_the_next_one_the_new(owner):
    with one_look():
        assert network.undo_hours == 24
        change(actor=owner, undo_hours=48)
        assert network.undo_hours == 24
    with one_look():
        assert network.undo_hours == 48


def test_what_is_remembered_costs_no_statement(owner, django_assert_num_queries):
    change(actor=owner, undo_hours=48)
    with django_assert_num_queries(1):
        assert (network.undo_hours, network.grace_days) == (48, 14)
    with django_assert_num_queries(0), one_look():
        assert (network.undo_hours, network.network_name) == (48, "Sitewright")


def test_what_was_read_while_it_changed_is_not_believed(owner, monkeypatch):
    """A reader has the old row in its hand while somebody commits another one."""
    read = live._read

    def slowly() -> dict[str, Any]:
        old = read()
        change(actor=owner, undo_hours=48)
        return old

    live.forget()
    monkeypatch.setattr(live, "_read", slowly)
    assert network.undo_hours == 24
    monkeypatch.setattr(live, "_read", read)
    assert network.undo_hours == 48


def test_without_redis_they_are_read_from_the_row(owner, settings):
    change(actor=owner, undo_hours=48)
    nobody = {**settings.CACHES["network"], "LOCATION": "redis://127.0.0.1:9/0"}
    settings.CACHES = {**settings.CACHES, "network": nobody}
    assert network.undo_hours == 48


def test_in_a_sites_schema_they_are_the_same(owner, site_a):
    change(actor=owner, network_name="Garden Network")
    with tenant_context(site_a):
        assert network.network_name == "Garden Network"


def test_a_task_sees_one_state_of_them(owner, monkeypatch):
    seen = []

    def run() -> None:
        seen.append(network.spare_sites)
        change(actor=owner, spare_sites=4)
        seen.append(network.spare_sites)

    monkeypatch.setattr(fill_pool, "run", run)
    change(actor=owner, spare_sites=3)
    fill_pool()
    assert (seen, network.spare_sites) == ([3, 3], 4)


# What libraries read


def test_the_network_has_its_new_name_on_its_pages_and_at_the_desk(desk, owner):
    change(actor=owner, network_name="Garden Network")
    for path in ("/", "/admin/"):
        answer = desk.get(path).content.decode()
        assert ("Garden Network" in answer, "Sitewright" in answer) == (True, False)


def test_the_second_factor_is_asked_for_from_the_next_page_on(desk, owner):
    change(actor=owner, staff_need_second_factor=True)
    assert desk.get(PAGE)["Location"] == "/auth/2fa/totp/activate/"


def test_whether_an_address_must_be_confirmed_holds_for_the_next_sign_in(owner):
    EmailAddress.objects.create(user=owner, email=owner.email, primary=True, verified=False)
    change(actor=owner, email_confirmation="mandatory")
    browser = Client(SERVER_NAME="localhost")
    answer = browser.post("/auth/login/", {"login": owner.email, "password": "a-long-password"})
    assert answer["Location"] == "/auth/confirm-email/"
