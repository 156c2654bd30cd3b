"""The addresses of the dashboard: what its first page shows, the rows behind a number, and both as CSV."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from checkout.admin.figures.asked import Asked, View, view_of
from checkout.admin.figures.blocks import BLOCKS, shown_to
from checkout.admin.figures.listings import LISTINGS, Listing
from checkout.admin.figures.table import Cell, Table, as_csv
from checkout.operations.figures.window import LENGTHS, Step

ROWS_A_PAGE = 50
ROWS_AT_ONCE = 2000


def dashboard(request: HttpRequest) -> dict[str, Any]:
    """The context of the blocks, and of the switches above them. As many statements whatever the network's size."""
    view = view_of(request)
    blocks = shown_to(request, view)
    sees_money = any(block.key in {"recurring-revenue", "invoiced", "payments"} for block in blocks)
    return {
        "figures": blocks,
        "figures_query": view.query(),
        "figures_period": _periods(view),
        "figures_currency": _currencies(view) if sees_money and len(view.currencies) > 1 else [],
    }


def urls(admin_view: Callable[..., Any]) -> list[URLPattern]:
    """Below the network admin, for its staff."""
    return [
        path("figures/rows/<slug:name>/", admin_view(rows), name="figures_rows"),
        path("figures/<slug:key>.csv", admin_view(block_as_csv), name="figures_csv"),
    ]


@require_safe
def block_as_csv(request: HttpRequest, key: str) -> HttpResponse:
    """The table of one block. 403 without its permission, 404 when there is no such block."""
    kind = BLOCKS.get(key)
    if kind is None:
        raise Http404
    if not request.user.has_perms(kind.permissions):
        raise PermissionDenied
    table = kind.make(key, view_of(request)).table
    return as_csv(key, headers=table.headers, rows=table.rows)


@require_safe
def rows(request: HttpRequest, name: str) -> HttpResponse:
    """The rows behind a number, page by page, or all of them as CSV. 403 without the permission to see such rows, 404
    when there is no such list or its filters make no sense."""
    kind = LISTINGS.get(name)
    if kind is None:
        raise Http404
    if not request.user.has_perm(kind.permission):
        raise PermissionDenied
    listing = kind.make(Asked(request.GET))
    if request.GET.get("format") == "csv":
        return as_csv(name, headers=listing.headers, rows=_all(listing))
    page = Paginator(listing.rows, ROWS_A_PAGE).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": listing.title,
        "page": page,
        "table": Table(headers=listing.headers, rows=[listing.cells(row) for row in page]).shown,
        "totals": listing.totals(),
        "csv": _address(request, format="csv"),
        "previous": _address(request, page=page.number - 1) if page.has_previous() else "",
        "next": _address(request, page=page.number + 1) if page.has_next() else "",
    }
    return TemplateResponse(request, "admin/figures/rows.html", context)


def _all(listing: Listing) -> Iterable[Sequence[Cell]]:
    return (listing.cells(row) for row in listing.rows.iterator(chunk_size=ROWS_AT_ONCE))


def _address(request: HttpRequest, **changes: Any) -> str:
    asked = request.GET.copy()
    for name, value in changes.items():
        asked[name] = str(value)
    return f"{request.path}?{asked.urlencode()}"


def _periods(view: View) -> list[dict[str, Any]]:
    names = {Step.DAY: _("%s days"), Step.WEEK: _("%s weeks"), Step.MONTH: _("%s months")}
    return [
        {
            "title": names[step] % LENGTHS[step],
            "link": f"{reverse('admin:index')}?{view.query(period=step)}",
            "active": step == view.window.step,
        }
        for step in Step
    ]


def _currencies(view: View) -> list[dict[str, Any]]:
    return [
        {
            "title": code,
            "link": f"{reverse('admin:index')}?{view.query(currency=code)}",
            "active": code == view.currency,
        }
        for code in view.currencies
    ]
