"""Two at once want the last place: one gets it, the other is told."""

import pytest
from django.core.files.base import ContentFile
from django_tenants.utils import tenant_context

from products.limits import Kind
from sites import entitlements
from sites.content.models import BlogIndexPage, PostPage, SiteDocument, SiteLimit
from sites.entitlements import LimitReached
from sites.models import HandOver, Site
from sites.operations import accept_hand_over, apply_entitlements, create_site, hand_over
from tests.factories.at_once import at_once
from tests.plugins.sites import NOW, member

pytestmark = pytest.mark.django_db(transaction=True)


def told(results: list[object]) -> list[object]:
    """The results, with what the limit says of those that were refused."""
    return sorted((str(each) if isinstance(each, LimitReached) else each for each in results), key=str)


def test_two_posts_and_one_place(make_site) -> None:
    site = make_site("posts", limits={Kind.POSTS: 1})

    def write(number: int) -> str:
        with tenant_context(site):
            BlogIndexPage.objects.get().add_child(instance=PostPage(title=f"Post {number}"))
        return "written"

    assert told(at_once(2, write)) == ["posts: 1 of 1 used, 1 more wanted", "written"]
    with tenant_context(site):
        assert PostPage.objects.count() == 1


def test_two_uploads_and_one_megabyte(make_site, settings, tmp_path) -> None:
    settings.MEDIA_ROOT = tmp_path
    site = make_site("disk", limits={Kind.DISK: 1_000_000})

    def upload(number: int) -> str:
        with tenant_context(site):
            SiteDocument(title=str(number), file=ContentFile(b"x" * 700_000, f"{number}.bin")).save()
        return "uploaded"

    assert told(at_once(2, upload)) == ["disk: 700000 of 1000000 used, 700000 more wanted", "uploaded"]
    with tenant_context(site):
        assert entitlements.usage()[Kind.DISK] == 700_000
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_two_sites_and_one_place(site_template) -> None:
    membership = member("collector", limits={Kind.SITES: 1})

    def create(number: int) -> str:
        create_site(
            membership=type(membership).objects.get(pk=membership.pk), name="S", slug=f"s{number}", now=NOW
        )
        return "created"

    assert told(at_once(3, create)) == ["created"] + ["sites: 1 of 1 used, 1 more wanted"] * 2
    assert Site.objects.count() == 1


def test_one_pass_and_four_hands(make_site) -> None:
    site = make_site("door")
    token = hand_over(site=site, user=site.membership.customer.user, now=NOW)

    def enter(_number: int) -> bool:
        return accept_hand_over(token=token, site_id=site.pk, now=NOW) is not None

    assert told(at_once(4, enter)) == [False, False, False, True]
    assert HandOver.objects.exclude(used_at=None).count() == 1


def test_two_runs_of_the_same_change_end_at_the_newest_truth(make_site) -> None:
    site = make_site("twice")
    site.membership.items.get().product.limits.filter(kind="posts").update(amount=77)

    assert told(at_once(3, lambda _number: apply_entitlements(site_id=site.pk, now=NOW))) == [
        False,
        False,
        True,
    ]
    site.refresh_from_db()
    with tenant_context(site):
        assert SiteLimit.objects.get(kind="posts").allowed == 77
        assert SiteLimit.objects.get(kind="posts").version == site.entitlements_version == 2
