"""Staff make endpoints, try them, and see what was told; an owner is written to when theirs is disabled."""

import pytest
from django.contrib.auth.models import Permission
from django.core import mail
from django.test import Client

from accounts.models import User
from checkout.hooks.models import Endpoint, Message
from checkout.hooks.operations import disable, send_test
from checkout.hooks.telling import owners_to_tell, tell_owner
from tests.integration.hooks.conftest import MARCH_1, waiting

pytestmark = pytest.mark.django_db
ENDPOINTS, MESSAGES = "/admin/hooks/endpoint/", "/admin/hooks/message/"


@pytest.fixture
def reader(db) -> Client:
    """Somebody who may see, and change nothing."""
    user = User.objects.create_user("reader@network.example", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_endpoint", "view_message"]))
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    return client


def page_of(endpoint: Endpoint, name: str = "change") -> str:
    return f"{ENDPOINTS}{endpoint.pk}/{name}/"


def fresh(row):
    return type(row).objects.get(pk=row.pk)


def test_an_endpoint_is_made_and_shows_its_secret(desk, staff):
    typed = {"url": "https://hooks.example/in", "description": "Books", "types": ["payment.paid"]}
    answer = desk.post(f"{ENDPOINTS}add/", typed, follow=True)
    endpoint = Endpoint.objects.get()
    assert answer.redirect_chain == [(page_of(endpoint), 302)]
    assert (endpoint.url, endpoint.types, endpoint.owner) == (typed["url"], typed["types"], staff)
    assert endpoint.secret in answer.content.decode()


@pytest.mark.parametrize(
    ("url", "refusal"),
    [
        ("", "This field is required."),
        ("hooks.example", "Enter the whole address, such as https://hooks.example/from-us."),
        ("http://hooks.example", "The address must begin with https."),
        ("https://me:secret@hooks.example", "The address must not hold a user name or a password."),
        (
            "https://169.254.169.254/latest/meta-data",
            "Enter a public host by its name: no IP address, and no name of your own network.",
        ),
        (
            "https://localhost/",
            "Enter a public host by its name: no IP address, and no name of your own network.",
        ),
    ],
    ids=["empty", "no address", "no tls", "password", "metadata", "loopback"],
)
def test_an_address_that_must_not_be_is_refused_at_its_field(desk, url, refusal):
    answer = desk.post(f"{ENDPOINTS}add/", {"url": url, "description": "Books"})
    assert answer.context["adminform"].form.errors == {"url": [refusal]}
    assert "Books" in answer.content.decode()
    assert not Endpoint.objects.exists()


def test_what_it_is_told_can_be_changed_and_nothing_else(desk, endpoint):
    typed = {
        "url": endpoint.url,
        "description": "CRM",
        "types": ["site.ready"],
        "secret": "mine",
        "state": "x",
    }
    assert desk.post(page_of(endpoint), typed).status_code == 302
    changed = fresh(endpoint)
    assert (changed.description, changed.types) == ("CRM", ["site.ready"])
    assert (changed.secret, changed.state) == (endpoint.secret, "enabled")


def test_a_test_message_is_sent_by_a_button_and_what_came_of_it_is_shown(desk, endpoint, receiver):
    assert desk.get(page_of(endpoint, "test")).status_code == 200
    assert receiver.received == []
    receiver.answers = [(418, b"I'm a teapot")]
    answer = desk.post(page_of(endpoint, "test"), follow=True)
    html = answer.content.decode()
    assert [got.says["type"] for got in receiver.received] == ["endpoint.test"]
    assert "It refused the test message: 418" in html
    assert "I&#x27;m a teapot" in html


def test_a_new_secret_is_made_by_a_button(desk, endpoint):
    desk.get(page_of(endpoint, "secret"))
    assert fresh(endpoint).secret == endpoint.secret
    desk.post(page_of(endpoint, "secret"))
    assert fresh(endpoint).previous_secret == endpoint.secret


def test_it_is_switched_off_and_on(desk, endpoint):
    assert "Disable" in desk.get(page_of(endpoint, "switch")).content.decode()
    for _twice in range(2):
        desk.post(page_of(endpoint, "switch"), {"turn": "off"})
        assert fresh(endpoint).state == "disabled"
    desk.post(page_of(endpoint, "switch"), {"turn": "on"})
    assert fresh(endpoint).state == "enabled"
    assert owners_to_tell() == []


def test_who_may_only_look_sees_no_secret_and_presses_no_button(reader, endpoint, receiver):
    page = reader.get(page_of(endpoint))
    assert page.status_code == 200
    assert endpoint.secret not in page.content.decode()
    for button in ("test", "secret", "switch"):
        assert reader.post(page_of(endpoint, button)).status_code == 403
    assert reader.post(page_of(endpoint), {"url": "https://other.example"}).status_code == 403
    message = waiting(endpoint)
    assert "Send this message again" not in reader.get(f"{MESSAGES}{message.pk}/change/").content.decode()
    assert (fresh(endpoint).secret, receiver.received) == (endpoint.secret, [])


@pytest.mark.parametrize("path", [ENDPOINTS, MESSAGES])
def test_a_customer_and_nobody_see_nothing_of_it(world, catalogue, client, path):
    customer = Client(SERVER_NAME="localhost")
    customer.force_login(world.person("carol"))
    for browser in (customer, Client(SERVER_NAME="localhost")):
        assert browser.get(path).status_code == 302


def test_a_message_shows_what_was_sent_and_every_try(desk, endpoint, receiver):
    receiver.answers = [(500, b"<b>out of order</b>")]
    send_test(endpoint=endpoint, now=MARCH_1)
    message = Message.objects.get()
    html = desk.get(f"{MESSAGES}{message.pk}/change/").content.decode()
    assert message.name in html
    assert "&lt;b&gt;out of order&lt;/b&gt;" in html
    assert "endpoint.test" in html


def test_messages_are_sent_again_from_the_list(desk, endpoint):
    done, still = waiting(endpoint), waiting(endpoint)
    Message.objects.filter(pk=done.pk).update(state="taken", next_try_at=None)
    form = {"action": "send_again", "_selected_action": [done.pk, still.pk]}
    html = desk.post(MESSAGES, form, follow=True).content.decode()
    assert "1 message is sent again." in html
    assert "are left alone" in html
    assert fresh(done).state == "waiting"


def test_the_owner_is_told_once_that_an_endpoint_was_disabled(endpoint, staff):
    Endpoint.objects.update(failing_since=MARCH_1)
    disable(endpoint=endpoint, because="failing", now=MARCH_1)
    assert owners_to_tell() == [endpoint.pk]
    assert tell_owner(endpoint_id=endpoint.pk, now=MARCH_1)
    assert not tell_owner(endpoint_id=endpoint.pk, now=MARCH_1)
    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([staff.email], f"Webhooks to {endpoint.host} are disabled")
    assert "has taken none of our webhooks since" in letter.body
    assert f"http://localhost:8000{page_of(endpoint)}" in letter.body
    assert owners_to_tell() == []


def test_a_mail_that_is_not_taken_is_sent_by_the_next_sweep(endpoint, monkeypatch):
    disable(endpoint=endpoint, because="gone", now=MARCH_1)
    with monkeypatch.context() as broken:
        broken.setattr(
            "django.core.mail.EmailMultiAlternatives.send", lambda _self: (_ for _ in ()).throw(OSError)
        )
        assert not tell_owner(endpoint_id=endpoint.pk, now=MARCH_1)
    assert tell_owner(endpoint_id=endpoint.pk, now=MARCH_1)
    assert "(410 Gone)" in mail.outbox[0].body
