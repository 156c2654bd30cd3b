"""Posts of a site, and the lists on which what stays is ticked."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django_tenants.utils import tenant_context

from sites.content.models import BlogIndexPage, PostPage
from sites.models import Site

FIVE = ("One", "Two", "Three", "Four", "Five")


def write(site: Site, *titles: str) -> None:
    """Posts of a day each, the first one the oldest."""
    with tenant_context(site):
        blog, last = BlogIndexPage.objects.get(), PostPage.objects.count()
        for number, title in enumerate(titles, last):
            blog.add_child(instance=PostPage(title=title, date=date(2026, 1, 1) + timedelta(days=number)))


def keys_of(site: Site, *titles: str) -> list[str]:
    with tenant_context(site):
        keys = {title: str(pk) for pk, title in PostPage.objects.values_list("pk", "title")}
    return [keys[title] for title in titles]


def seen(site: Site) -> list[str]:
    with tenant_context(site):
        return list(PostPage.objects.live().order_by("date").values_list("title", flat=True))


def fields(page: Any, name: str, **ticked: Sequence[str]) -> dict[str, Any]:
    """What a browser sends of the list `name` on `page`, with `keep` ticked there, if it is given."""
    html = page.content.decode()
    stood = re.search(rf'name="stood-{name}"\s+value="([^"]*)"', html)
    assert stood, f"no list {name}"
    boxes = re.findall(rf'<input type="checkbox"\s+name="keep-{name}"\s+value="([^"]*)"\s*(checked)?', html)
    assert [key for key, _ in boxes] == stood[1].replace("+", "").split()
    kept = [key for key, checked in boxes if checked]
    return {"list": [name], f"stood-{name}": stood[1], f"keep-{name}": ticked.get("keep", kept)}


def posts_of(site: Site) -> str:
    return f"posts-{site.pk}"
