"""The classes that every page of the network admin is made of."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.formats import number_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from products.money_display import format_money

NOTHING = "\N{EN DASH}"  # in a cell that has nothing to say
SECONDS_BETWEEN_LOOKS = 2

_F = TypeVar("_F", bound=Callable[..., Any])
_Row = TypeVar("_Row", bound=Model)
_Rows = TypeVar("_Rows", bound="QuerySet[Any]")

if TYPE_CHECKING:  # Unfold ships no types; its classes take and give what Django's do
    from django.contrib.admin import FieldListFilter as Autocomplete
    from django.contrib.admin import FieldListFilter as DateRange
    from django.contrib.admin import ModelAdmin as Admin
    from django.contrib.admin import TabularInline

    _Mixin = Admin[Any]  # what the mixins below are mixed into

    class Inline(TabularInline[_Row, Any]): ...

    def display(
        *,
        description: Any = None,
        ordering: Any = None,
        boolean: bool | None = None,
        header: bool | None = None,
        label: Any = None,
    ) -> Callable[[_F], _F]:
        """Django's `admin.display`, with Unfold's two-line `header` and coloured `label`."""

    def action(
        *, description: Any, url_path: str | None = None, permissions: Any = None, icon: str | None = None
    ) -> Callable[[_F], _F]:
        """Unfold's `action`: a button on a row's page, in `actions_detail`, that leads to a page of its own."""

else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.contrib.filters.admin import AutocompleteSelectFilter as Autocomplete
    from unfold.contrib.filters.admin import RangeDateFilter as DateRange
    from unfold.decorators import action, display

    class Admin(ModelAdmin):
        list_per_page = 50
        show_full_result_count = False  # one count less over a long table
        list_filter_submit = True
        warn_unsaved_form = True

        def __class_getitem__(cls, _model: Any) -> Any:
            return cls

    _Mixin = object

    class Inline(TabularInline):
        extra = 0
        hide_title = True
        per_page = 25

        def __class_getitem__(cls, _model: Any) -> Any:
            return cls


def money(field: str, *, description: Any, currency: str = "currency") -> Callable[[Any, Any], str]:
    """A column that shows the minor units in `field`; `currency` is the path to the row's currency."""

    @display(description=description, ordering=field)
    def column(_admin: Any, row: Any) -> str:
        minor = getattr(row, field)
        return NOTHING if minor is None else format_money(minor, attrgetter(currency)(row))

    return column


def percent(field: str, *, description: Any) -> Callable[[Any, Any], str]:
    """A column that shows a decimal percentage without idle zeros: 21.0000 is 21 %."""

    @display(description=description, ordering=field)
    def column(_admin: Any, row: Any) -> str:
        return f"{number_format(getattr(row, field).normalize())} %"

    return column


def badge(text: str, colour: str = "") -> SafeString:
    """A state as a coloured label; `colour` is one of Unfold's words: success, warning, danger, info."""
    return render_to_string("unfold/helpers/display_label.html", {"label": text, "label_type": colour})


def state_badge(colours: Mapping[Any, str], *, field: str = "state") -> Callable[[Any, Any], SafeString]:
    """A column that shows the state in `field` in its colour; one that is not in `colours` stays grey."""

    @display(description=_("state"), ordering=field)
    def column(_admin: Any, row: Any) -> SafeString:
        return badge(getattr(row, f"get_{field}_display")(), colours.get(getattr(row, field), ""))

    return column


def named_by(rows: _Rows, object_id: Any) -> _Rows:
    """Of `rows` the one whose number stands in an address; none where anything else stands there."""
    text = str(object_id or "")
    return rows.filter(pk=int(text)) if text.isdecimal() else rows.none()


def is_list(request: HttpRequest) -> bool:
    """Whether the request is for a list of rows rather than for one."""
    return request.resolver_match is not None and "object_id" not in request.resolver_match.kwargs


class ReadOnly:
    """Rows that the network admin shows and nobody changes there; a crafted POST gets 403."""

    def has_add_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False


class LooksAgain(_Mixin):
    """A row's page that looks again by itself, without a script, while a worker is at the row."""

    def is_under_way(self, object_id: str) -> bool:
        raise NotImplementedError

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        # Asked before anything is read: a page that still shows the work going on must not be the last look at it.
        under_way = self.is_under_way(object_id)
        response = super().change_view(request, object_id, *args, **kwargs)
        if under_way:
            response["Refresh"] = str(SECONDS_BETWEEN_LOOKS)
        return response


__all__ = [
    "NOTHING",
    "Admin",
    "Autocomplete",
    "DateRange",
    "Inline",
    "LooksAgain",
    "ReadOnly",
    "action",
    "badge",
    "display",
    "is_list",
    "money",
    "named_by",
    "percent",
    "state_badge",
]
