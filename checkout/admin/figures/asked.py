"""What the address of a page of figures asks for. Anything that makes no sense is a page that does not exist."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils import timezone

from checkout.operations.figures.window import Step, Window, window
from products.models import Price

DAY = "%Y-%m-%d"


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """How the dashboard is looked at: over which time, and in which of the currencies that prices are in."""

    window: Window
    currency: str
    currencies: tuple[str, ...]
    now: datetime

    def query(self, **changes: Any) -> str:
        """The address of the dashboard's own pages for this view, with `changes`."""
        return urlencode({"period": self.window.step, "currency": self.currency, **changes})

    def rows(self, name: str, **filters: Any) -> str:
        """The address of the rows behind a number of the whole window, or of `since` and `until`."""
        since, until = filters.pop("since", self.window.since), filters.pop("until", self.window.until)
        return rows_url(name, since=f"{since:{DAY}}", until=f"{until:{DAY}}", **filters)


def rows_url(name: str, **filters: Any) -> str:
    return f"{reverse('admin:figures_rows', args=[name])}?{urlencode(filters)}"


def view_of(request: HttpRequest) -> View:
    """Of what is not asked for, or not known: the last twelve months, in the network's currency. One query."""
    now = timezone.now()
    step = request.GET.get("period", "")
    known = tuple(sorted(set(Price.objects.order_by().values_list("currency", flat=True).distinct())))
    usual = settings.CURRENCY if settings.CURRENCY in known or not known else known[0]
    wanted = request.GET.get("currency", "")
    return View(
        window=window(step=Step(step) if step in set(Step) else Step.MONTH, now=now),
        currency=wanted if wanted in known else usual,
        currencies=known,
        now=now,
    )


class Asked(forms.Form):
    """The filters of a list of rows."""

    since = forms.DateField(required=False, input_formats=[DAY])
    until = forms.DateField(required=False, input_formats=[DAY])
    currency = forms.CharField(required=False, max_length=3)
    movement = forms.CharField(required=False, max_length=20)
    outcome = forms.CharField(required=False, max_length=20)
    plan = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    product = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def given(self, name: str) -> Any:
        """The filter called `name`, or None. Raises Http404 when what was typed is none."""
        if not self.is_valid():
            raise Http404
        return self.cleaned_data[name] or None

    @property
    def window(self) -> Window:
        """From `since` to before `until`. Raises Http404 without both, in that order."""
        since, until = self.given("since"), self.given("until")
        if since is None or until is None or since >= until:
            raise Http404
        return Window(step=Step.DAY, bounds=[_midnight(since), _midnight(until)])


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())
