"""Trying to cross from one site to another, and from a site to the network."""

import io
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.cache import cache
from django.core.files.base import ContentFile
from django.db import ProgrammingError, connection, connections, transaction
from django.template import Context, Template
from django_tenants.utils import tenant_context
from PIL import Image
from wagtail.models import UploadedFile
from wagtail.rich_text import expand_db_html
from wagtail.users.models import UserProfile

from accounts.models import User
from sites.content.models import BlogIndexPage, HomePage, PostPage, SiteDocument, SiteImage
from sites.models import HandOver, Site
from sites.postgresql.base import current_schema
from tests.plugins.sites import member

pytestmark = pytest.mark.django_db


def post(site: Site, title: str, *, pk: int | None = None) -> Any:
    with tenant_context(site):
        page = PostPage(title=title, pk=pk)
        BlogIndexPage.objects.get().add_child(instance=page)
        return page.pk


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(out, "PNG")
    return out.getvalue()


def image(site: Site, name: str) -> SiteImage:
    with tenant_context(site):
        made = SiteImage(pk=5000, title=name, file=ContentFile(png(), f"{name}.png"))
        made.save()
        return made


def test_what_one_site_has_another_has_not(site_a: Site, site_b: Site, on_site, owner_of) -> None:
    pk = post(site_a, "Only in Alpha")
    with tenant_context(site_b):
        assert PostPage.objects.count() == 0
    assert on_site(site_a).get("/blog/only-in-alpha/").status_code == 200
    assert on_site(site_b).get("/blog/only-in-alpha/").status_code == 404
    assert owner_of(site_b).get(f"/dashboard/pages/{pk}/edit/").status_code == 404


def test_the_same_primary_key_in_two_sites_is_two_pages(site_a: Site, site_b: Site, on_site) -> None:
    post(site_a, "Alpha writes", pk=5000)
    post(site_b, "Bravo writes", pk=5000)
    assert b"Alpha writes" in on_site(site_a).get("/").content
    assert b"Alpha writes" not in on_site(site_b).get("/").content


@pytest.mark.parametrize(
    "table", ["sites_site", "memberships_membership", "sites_handover", "products_product"]
)
def test_sql_in_a_site_does_not_reach_the_networks_tables(site_a: Site, table: str) -> None:
    with (
        tenant_context(site_a),
        pytest.raises(ProgrammingError, match=table),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"SELECT count(*) FROM {table}")


def test_the_networks_models_are_errors_in_a_site(site_a: Site) -> None:
    for model in (Site, HandOver):
        with tenant_context(site_a), pytest.raises(ProgrammingError), transaction.atomic():
            model.objects.count()


def test_the_networks_users_are_not_the_sites_users(site_a: Site) -> None:
    member("stranger", limits={})
    with tenant_context(site_a):
        assert list(User.objects.values_list("email", flat=True)) == ["alpha-owner@example.com"]


def test_cache_keys_are_kept_apart(site_a: Site, site_b: Site) -> None:
    with tenant_context(site_a):
        cache.set("secret", "of alpha")
    with tenant_context(site_b):
        assert cache.get("secret") is None
    assert cache.get("secret") is None
    with tenant_context(site_a):
        assert cache.get("secret") == "of alpha"


def test_files_of_the_same_name_lie_apart_and_are_served_apart(
    site_a: Site, site_b: Site, on_site, settings, tmp_path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    made = image(site_a, "one")
    assert (tmp_path / site_a.uid.hex / made.file.name).is_file()
    served = on_site(site_a).get(f"/media/{made.file.name}")
    assert (served.status_code, served["Content-Type"], served["X-Content-Type-Options"]) == (
        200,
        "image/png",
        "nosniff",
    )
    assert served["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    b"".join(served.streaming_content)
    assert on_site(site_b).get(f"/media/{made.file.name}").status_code == 404
    served.close()


@pytest.mark.parametrize(
    "name",
    [
        "../{a}/original_images/one.png", "original_images/../../{a}/original_images/one.png", "/etc/passwd",
        "original_images/%2e%2e/%2e%2e/{a}/original_images/one.png", "documents/menu.pdf",
        "original_images/", "..",
    ],
)  # fmt: skip
def test_a_path_cannot_leave_the_sites_folder_or_skip_the_documents_own_view(  # noqa: PLR0917 -- fixtures
    site_a: Site, site_b: Site, on_site, settings, tmp_path, name: str
) -> None:
    settings.MEDIA_ROOT = tmp_path
    image(site_a, "one")
    with tenant_context(site_b):
        SiteDocument(title="Menu", file=ContentFile(b"menu", "menu.pdf")).save()
    assert on_site(site_b).get("/media/" + name.format(a=site_a.uid.hex)).status_code == 404


def test_an_image_in_rich_text_and_in_a_tag_is_the_sites_own(
    site_a: Site, site_b: Site, settings, tmp_path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    of_a, _of_b = image(site_a, "alpha"), image(site_b, "bravo")  # with the same key
    html = f'<embed embedtype="image" id="{of_a.pk}" format="left" alt=""/>'
    tag = Template("{% load wagtailimages_tags %}{% image picture width-20 %}")
    for site, own, other in ((site_a, "alpha", "bravo"), (site_b, "bravo", "alpha")):
        with tenant_context(site):
            shown = expand_db_html(html) + tag.render(Context({"picture": SiteImage.objects.get(pk=of_a.pk)}))
        assert own in shown
        assert other not in shown


def test_a_preview_is_made_in_its_own_site_and_the_request_goes_on_there(
    site_a: Site, site_b: Site, owner_of
) -> None:
    pk = post(site_a, "Preview me")
    post(site_b, "Never me")
    browser = owner_of(site_a)
    draft = browser.get(f"/dashboard/pages/{pk}/view_draft/")
    assert draft.status_code == 200
    assert b"Preview me" in draft.content
    assert current_schema() == "public"


def test_files_of_wagtails_own_models_lie_apart_too(site_a: Site, site_b: Site, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    for field in (UserProfile._meta.get_field("avatar"), UploadedFile._meta.get_field("file")):
        with tenant_context(site_a):
            name = field.storage.save("mine.png", ContentFile(b"a"))
        assert (tmp_path / site_a.uid.hex / name).is_file()
        with tenant_context(site_b):
            assert not field.storage.exists(name)


def test_an_async_view_reads_its_own_site(site_a: Site, site_b: Site) -> None:
    async def emails() -> list[str]:
        return [user.email async for user in User.objects.all()]

    async def ask(site: Site) -> list[str]:
        def enter() -> list[str]:
            with tenant_context(site):
                return list(User.objects.values_list("email", flat=True))

        return await sync_to_async(enter)()

    assert async_to_sync(ask)(site_a) == ["alpha-owner@example.com"]
    assert async_to_sync(ask)(site_b) == ["bravo-owner@example.com"]
    with tenant_context(site_a):
        assert async_to_sync(emails)() == ["alpha-owner@example.com"]


@pytest.mark.django_db(transaction=True)
def test_threads_that_serve_two_sites_never_mix_them(make_site) -> None:
    sites = [make_site("left"), make_site("right")]
    turn = threading.Barrier(2)

    def work(site: Site) -> set[str]:
        try:
            turn.wait(10)
            seen = set()
            for _ in range(25):
                with tenant_context(site):
                    seen.add(HomePage.objects.get().title)
            return seen
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, sites)) == [{"Left Garden"}, {"Right Garden"}]


def test_a_new_thread_starts_in_the_network_never_in_the_site_of_the_thread_that_made_it(
    site_a: Site,
) -> None:
    seen: list[str] = []

    def look() -> None:
        seen.append(current_schema())
        connections.close_all()

    with tenant_context(site_a):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
    assert seen == ["public"]


def test_absolute_links_come_from_the_stored_domain_whatever_the_request_says(site_a: Site, on_site) -> None:
    post(site_a, "Linked")
    text = on_site(site_a).get(
        "/blog/linked/", headers={"host": "ALPHA.sites.localhost:6666", "x-forwarded-host": "evil.example"}
    )
    assert 'rel="canonical" href="http://alpha.sites.localhost:8000/blog/linked/"' in text.content.decode()
    assert "evil.example" not in text.content.decode()
