"""Filters by time, in the words in which people ask: this month, for longer than a week."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


def within(field: str) -> type[admin.SimpleListFilter]:
    """Rows whose `field` lies in this month or year, or in the one before."""

    class Within(admin.SimpleListFilter):
        title = _("when")
        parameter_name = "when"

        def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
            return [
                ("this_month", _("this month")),
                ("last_month", _("last month")),
                ("this_year", _("this year")),
                ("last_year", _("last year")),
            ]

        def queryset(self, _request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
            if self.value() is None:
                return rows
            since, until = _bounds(str(self.value()), today=timezone.localtime())
            return rows.filter(**{f"{field}__gte": since, f"{field}__lt": until})

    return Within


def _bounds(when: str, *, today: datetime) -> tuple[datetime, datetime]:
    """From the first moment on, until the second."""
    month = today.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year = month.replace(month=1)
    match when:
        case "this_month":
            return month, (month + timedelta(days=32)).replace(day=1)
        case "last_month":
            return (month - timedelta(days=1)).replace(day=1), month
        case "this_year":
            return year, year.replace(year=year.year + 1)
        case _:
            return year.replace(year=year.year - 1), year


class LongerThan(admin.SimpleListFilter):
    """Rows that have waited longer than so many days; a subclass says since when and for what."""

    parameter_name = "waits"
    DAYS = (1, 7, 14, 30)

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, Any]]:
        return [
            (str(days), ngettext("for longer than %d day", "for longer than %d days", days) % days)
            for days in self.DAYS
        ]

    def before(self) -> datetime | None:
        """Since before when they wait; None when nothing was chosen."""
        chosen = str(self.value() or "")
        if chosen not in map(str, self.DAYS):
            return None
        return timezone.now() - timedelta(days=int(chosen))
