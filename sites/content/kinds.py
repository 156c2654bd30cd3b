"""What counts in a site's own schema: one class a kind, and one line in `KINDS`."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _
from wagtail.models import Page

from products.limits import Kind
from sites.content.models import ContactPage, Parked, PostPage, SiteDocument, SiteImage, StandardPage
from sites.kinds.base import CountedInSite, ParkedInSite
from sites.policies.over_limit import Item

NAMED: Final = 100  # so many files are named, of what may be thousands


class PagesOfTypes(ParkedInSite):
    """Pages of some types, the newest first to stay. A parked one can be read in the dashboard, and changed by
    nobody."""

    models: ClassVar[tuple[Any, ...]]
    newest: ClassVar[tuple[str, ...]]
    dated: ClassVar[str] = ""  # the field with the day that each bears, as a page's query names it

    def __init_subclass__(cls) -> None:
        tables = [model._meta.db_table for model in cls.models]  # noqa: SLF001 -- Django's documented API
        pages = " UNION ALL ".join(f"SELECT page_ptr_id FROM {table}" for table in tables)  # noqa: S608 -- our own names
        cls.sql = (
            f"SELECT count(*) FROM ({pages}) AS pages WHERE NOT EXISTS"  # noqa: S608 -- see above
            f" (SELECT 1 FROM content_parked WHERE kind = '{cls.kind.value}' AND object_id = page_ptr_id)"
        )

    def items(self) -> list[Item]:
        """Those who are seen by visitors, or would be again, before the drafts."""
        parked = dict(self._parked().values_list("object_id", "was_live"))
        items = [
            Item(
                key=str(pk),
                name=title,
                is_parked=pk in parked,
                is_draft=not parked.get(pk, live),
                dated=day[0] if day else None,
            )
            for pk, title, live, *day in self._rows()
        ]
        return sorted(items, key=lambda item: item.is_draft)

    def park(self, keys: Collection[str], *, now: datetime) -> None:
        pages = self._pages().filter(pk__in=_ids(keys))
        Parked.objects.bulk_create(
            Parked(kind=self.kind, object_id=pk, was_live=live, parked_at=now)
            for pk, live in pages.values_list("pk", "live")
        )
        pages.update(live=False)  # and nothing else, so that all the rest comes back as it was

    def restore(self, keys: Collection[str]) -> None:
        parked = self._parked().filter(object_id__in=_ids(keys))
        published = list(parked.filter(was_live=True).values_list("object_id", flat=True))
        parked.delete()
        self._pages().filter(pk__in=published).update(live=True)

    def _rows(self) -> Any:
        """Of each page its id, title, whether it is published, and the day it bears, if there is one."""
        fields = ["pk", "title", "live", *([self.dated] if self.dated else [])]
        return self._pages().order_by(*self.newest).values_list(*fields)

    def _pages(self) -> Any:
        return Page.objects.type(*self.models)

    def _parked(self) -> Any:
        return Parked.objects.filter(kind=self.kind)


class Posts(PagesOfTypes):
    kind = Kind.POSTS
    refusal = _("You have used %(used)s of the %(allowed)s posts in your plan.")
    models = (PostPage,)
    newest = ("-postpage__date", "-pk")
    dated = "postpage__date"


class Pages(PagesOfTypes):
    kind = Kind.PAGES
    refusal = _("You have used %(used)s of the %(allowed)s pages in your plan.")
    models = (StandardPage, ContactPage)
    newest = ("-pk",)


class Disk(CountedInSite):
    kind = Kind.DISK
    refusal = _("This file does not fit: %(used)s of the %(allowed)s disk space in your plan are used.")
    sql = (
        "SELECT coalesce((SELECT sum(file_size) FROM content_siteimage), 0)"
        " + coalesce((SELECT sum(file_size) FROM content_siterendition), 0)"
        " + coalesce((SELECT sum(file_size) FROM content_sitedocument), 0)"
    )

    def items(self) -> list[Item]:
        """The largest files, smallest first."""
        found: list[tuple[int, str, str]] = []
        files: tuple[Any, ...] = (SiteImage, SiteDocument)
        for model in files:
            rows = model.objects.order_by("-file_size").values_list("pk", "title", "file_size")[:NAMED]
            found += [(size or 0, f"{model.__name__}-{pk}", title) for pk, title, size in rows]
        largest = sorted(found, reverse=True)[:NAMED]
        return [Item(key=key, name=title, size=size) for size, key, title in reversed(largest)]


KINDS: Final = (Posts(), Pages(), Disk())


def _ids(keys: Iterable[str]) -> list[int]:
    return [int(key) for key in keys]
