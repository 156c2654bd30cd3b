"""A visitor's message is kept, mailed once, and only where the plan has contact forms."""

import re
import uuid
from datetime import timedelta
from smtplib import SMTPServerDisconnected
from typing import Any

import pytest
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from products.limits import Kind
from sites import tasks
from sites.content.kinds import Pages
from sites.content.messages import mail_messages
from sites.content.models import ContactField, ContactMessage, ContactPage, HomePage, StandardPage
from sites.entitlements import LimitReached
from sites.models import Site
from sites.operations.sweeps import sites_with_contact_forms
from tests.plugins.sites import set_limits

pytestmark = pytest.mark.django_db
SENT = {"your_name": "Vera", "your_email": "vera@example.com", "your_message": "Do you sell hostas?"}


@pytest.fixture
def site(site_a: Site, django_capture_on_commit_callbacks):
    """With contact forms, and one at /contact/; the test runs inside."""
    cache.clear()
    with django_capture_on_commit_callbacks(execute=True):
        set_limits(site_a, {Kind.CONTACT_FORMS: None})
    with tenant_context(site_a):
        HomePage.objects.get().add_child(instance=ContactPage(title="Contact"))
        yield site_a


def send(browser: Client, **fields: str):
    return browser.post("/contact/", {"message": str(uuid.uuid4()), **SENT, **fields})


def kept() -> list[dict[str, Any]]:
    return list(ContactMessage.objects.order_by("pk").values_list("form_data", flat=True))


def test_a_message_is_kept_and_the_sender_thanked_at_another_address(site: Site, on_site) -> None:
    visitor = on_site(site)
    answer = send(visitor)
    assert (answer.status_code, answer["Location"]) == (302, "/contact/?sent")
    assert kept() == [SENT]
    assert "Your message was sent" in visitor.get("/contact/?sent").content.decode()


def test_a_form_sent_twice_is_one_message(site: Site, on_site) -> None:
    visitor = on_site(site)
    (uid,) = re.findall(r'name="message" value="([^"]+)"', visitor.get("/contact/").content.decode())
    assert [send(visitor, message=uid).status_code for _ in range(2)] == [302, 302]
    assert kept() == [SENT]


def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(site: Site, on_site) -> None:
    answer = send(on_site(site), your_email="vera")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert 'id="id_your_email_error">Enter a valid email address.' in text
    assert "Do you sell hostas?" in text
    assert kept() == []


def test_programs_that_fill_in_every_field_are_thanked_and_not_heard(site: Site, on_site) -> None:
    assert send(on_site(site), homepage="https://spam.example/").status_code == 302
    assert kept() == []


def test_after_ten_messages_in_ten_minutes_the_next_waits_with_its_words(site: Site, on_site) -> None:
    visitor = on_site(site)
    assert [send(visitor).status_code for _ in range(11)] == [302] * 10 + [429]
    assert "Do you sell hostas?" in send(visitor).content.decode()
    assert len(kept()) == 10


def test_the_owner_chooses_the_fields(site: Site, on_site) -> None:
    page = ContactPage.objects.get()
    page.form_fields.add(ContactField(label="Table for", field_type="number", clean_name="table_for"))
    page.save()
    assert on_site(site).post("/contact/", {"table_for": "4"}).status_code == 302
    assert kept() == [{"table_for": "4"}]


@pytest.mark.parametrize(("mode", "words"), [("form", "Send message"), ("landing", "Come again.")])
def test_the_form_and_its_thanks_can_be_looked_at_before_they_are_published(
    site: Site, mode: str, words: str
) -> None:
    page = ContactPage.objects.get()
    page.thanks = "Come again."
    shown = page.make_preview_request(preview_mode=mode)
    shown.render()
    assert words in shown.content.decode()


# -- mail


def test_a_message_is_mailed_to_the_owner_who_answers_to_its_sender(site: Site, on_site) -> None:
    send(on_site(site))
    assert mail_messages(now=timezone.now()) == 1
    (letter,) = mail.outbox
    assert (letter.to, letter.reply_to) == (["alpha-owner@example.com"], ["vera@example.com"])
    assert letter.subject == "Message from Alpha Garden: Contact"
    assert letter.from_email == "Alpha Garden <hello@sitewright.example>"
    assert letter.body.startswith("Name\nVera\n\nEmail\nvera@example.com\n\nMessage\nDo you sell hostas?\n")
    assert "http://alpha.sites.localhost:8000/dashboard/forms/submissions/" in letter.body
    assert letter.extra_headers["Message-ID"].startswith("<message-")


def test_a_message_is_mailed_once(site: Site, on_site) -> None:
    send(on_site(site))
    assert [mail_messages(now=timezone.now()) for _ in range(2)] == [1, 0]
    assert len(mail.outbox) == 1


def test_a_form_may_name_others_to_mail(site: Site, on_site) -> None:
    ContactPage.objects.update(to_address="shop@example.com, desk@example.com")
    send(on_site(site))
    mail_messages(now=timezone.now())
    assert mail.outbox[0].to == ["shop@example.com", "desk@example.com"]


def test_words_of_a_visitor_cannot_add_headers(site: Site, on_site) -> None:
    answer = send(on_site(site), your_email="vera@example.com\nBcc: all@example.com")
    assert answer.status_code == 200
    assert kept() == []


def test_a_silent_mail_server_costs_nothing_but_time(site: Site, on_site, monkeypatch) -> None:
    for _ in range(2):
        send(on_site(site))
    with monkeypatch.context() as broken:
        broken.setattr(mail.EmailMessage, "send", _no_server)
        with pytest.raises(SMTPServerDisconnected):
            mail_messages(now=timezone.now())
    with schema_context("public"):
        assert sites_with_contact_forms() == [site.pk]
        tasks.mail_messages(site_id=site.pk)
    assert len(mail.outbox) == 2


def _no_server(*_: object) -> None:
    raise SMTPServerDisconnected("no server")


def test_after_a_week_a_message_is_read_in_the_dashboard_only(site: Site, on_site) -> None:
    send(on_site(site))
    assert mail_messages(now=timezone.now() + timedelta(days=8)) == 0


def test_the_news_of_a_message_queues_its_mail(
    site: Site, on_site, django_capture_on_commit_callbacks
) -> None:
    with django_capture_on_commit_callbacks() as after_commit:
        send(on_site(site))
    queued: list[int] = []
    original, tasks.mail_messages.enqueue = (
        tasks.mail_messages.enqueue,
        lambda *, site_id: queued.append(site_id),
    )
    try:
        for callback in after_commit:
            callback()
    finally:
        tasks.mail_messages.enqueue = original
    assert queued == [site.pk]


# -- the feature


def test_without_the_feature_no_form_can_be_made(site_a: Site) -> None:
    with tenant_context(site_a), pytest.raises(LimitReached) as refused:
        HomePage.objects.get().add_child(instance=ContactPage(title="Contact"))
    assert refused.value.kind == Kind.CONTACT_FORMS


def test_who_begins_a_form_without_the_feature_is_told_the_way_to_it(site_a: Site, owner_of) -> None:
    with tenant_context(site_a):
        home = HomePage.objects.get().pk
    text = owner_of(site_a).get(f"/dashboard/pages/add/content/contactpage/{home}/").content.decode()
    assert "Contact forms are not part of your plan." in text
    assert f"/sites/{site_a.uid}/upgrade/" in text


def test_when_the_feature_goes_the_page_stays_and_takes_no_messages(
    site: Site, on_site, django_capture_on_commit_callbacks
) -> None:
    visitor = on_site(site)
    send(visitor)
    with schema_context("public"), django_capture_on_commit_callbacks(execute=True):
        set_limits(site, {Kind.CONTACT_FORMS: 0})
    page = visitor.get("/contact/")
    assert page.status_code == 200
    assert "<form class=" not in page.content.decode()
    assert send(visitor).status_code == 403
    assert kept() == [SENT]


def test_a_form_takes_a_place_among_the_pages(site: Site) -> None:
    HomePage.objects.get().add_child(instance=ContactPage(title="Booking"))
    with pytest.raises(LimitReached) as refused:
        HomePage.objects.get().add_child(instance=ContactPage(title="Third"))
    assert (refused.value.kind, refused.value.used) == (Kind.PAGES, 2)


def test_a_form_is_named_among_the_pages_that_may_be_parked(site: Site) -> None:
    HomePage.objects.get().add_child(instance=StandardPage(title="About"))
    assert [item.name for item in Pages().items()] == ["About", "Contact"]


def test_a_form_is_not_copied_without_the_feature(
    site: Site, owner_of, django_capture_on_commit_callbacks
) -> None:
    with schema_context("public"), django_capture_on_commit_callbacks(execute=True):
        set_limits(site, {Kind.CONTACT_FORMS: 0})
        browser = owner_of(site)
    page = ContactPage.objects.get()
    form = {"new_title": "Two", "new_slug": "two", "new_parent_page": str(page.get_parent().pk)}
    answer = browser.post(f"/dashboard/pages/{page.pk}/copy/", form)
    assert "Contact forms are not part of your plan." in answer.content.decode()
    assert ContactPage.objects.count() == 1


def test_messages_of_one_site_are_not_in_another(site_b: Site, site: Site, on_site) -> None:
    send(on_site(site))
    with tenant_context(site_b):
        assert ContactMessage.objects.count() == 0
        assert mail_messages(now=timezone.now()) == 0
    assert mail.outbox == []


def test_the_dashboard_lists_messages_and_hands_them_out_as_a_table(site: Site, on_site, owner_of) -> None:
    with schema_context("public"):
        browser = owner_of(site)
    send(on_site(site))
    address = f"/dashboard/forms/submissions/{ContactPage.objects.get().pk}/"
    assert "Do you sell hostas?" in browser.get(address).content.decode()
    table = b"".join(browser.get(f"{address}?export=csv").streaming_content).decode()
    assert "Vera,vera@example.com,Do you sell hostas?" in table


def test_who_deletes_a_form_is_told_of_the_messages_that_go_with_it(site: Site, on_site, owner_of) -> None:
    with schema_context("public"):
        owner = owner_of(site)
    send(on_site(site))
    send(on_site(site))
    page, home = ContactPage.objects.get(), HomePage.objects.get()
    for above in (page.pk, home.pk):
        asked = owner.get(f"/dashboard/pages/{above}/delete/").content.decode()
        assert "2 messages that visitors sent go with it. To keep them, export them first." in asked
        assert 'href="/dashboard/forms/"' in asked
    ContactMessage.objects.all().delete()
    assert "go with it" not in owner.get(f"/dashboard/pages/{page.pk}/delete/").content.decode()


def test_forms_with_messages_are_not_deleted_among_many(site: Site, on_site, owner_of) -> None:
    with schema_context("public"):
        owner = owner_of(site)
    send(on_site(site))
    page = ContactPage.objects.get()
    address = f"/dashboard/bulk/wagtailcore/page/delete/?id={page.pk}"
    answer = owner.post(address, follow=True).content.decode()
    assert "Nothing was deleted. Visitors have sent messages to Contact: delete that by itself." in answer
    assert (ContactPage.objects.count(), ContactMessage.objects.count()) == (1, 1)
    ContactMessage.objects.all().delete()
    owner.post(address)
    assert ContactPage.objects.count() == 0
