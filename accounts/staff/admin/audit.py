"""The audit log: who of the staff did what, and how the rows were before and after."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.apps import apps
from django.contrib import admin
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Field, Model, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.admin import ModelAdmin
from unfold.contrib.filters.admin import RangeDateFilter

from accounts.staff.models import StaffAction, StaffChange

NOTHING: Final = "\N{EN DASH}"
SHOWN: Final = 200  # rows of one action: a list's action may have changed thousands
USUAL: Final = {
    "add": gettext_lazy("Added"),
    "change": gettext_lazy("Changed"),
    "delete": gettext_lazy("Deleted"),
    "changelist": gettext_lazy("Changed in the list"),
    "network_settings": gettext_lazy("Network settings"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A field of a row, in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A row that was changed. It has a `link` where the desk has a page for it."""

    title: str
    done: str
    link: str
    columns: list[Column]


class TableFilter(admin.SimpleListFilter):
    title = gettext_lazy("changed")
    parameter_name = "table"

    def lookups(self, _request: HttpRequest, _model_admin: Any) -> list[tuple[str, str]]:
        known = models_by_table()
        names = {table: name_of(table) for table, model in known.items() if admin.site.is_registered(model)}
        return sorted(names.items(), key=lambda entry: entry[1])

    def queryset(self, _request: HttpRequest, actions: QuerySet[StaffAction]) -> QuerySet[StaffAction]:
        if not self.value():
            return actions
        return actions.filter(Exists(StaffChange.objects.filter(action=OuterRef("pk"), table=self.value())))


@admin.register(StaffAction)
class StaffActionAdmin(ModelAdmin):  # type: ignore[misc]  # Unfold ships no types
    list_display = ("at", "actor", "what", "rows")
    list_display_links = ("at", "what")
    list_select_related = ("actor",)
    list_filter = (TableFilter, ("actor", admin.RelatedOnlyFieldListFilter), ("at", RangeDateFilter))
    list_filter_submit = True
    list_per_page = 50
    show_full_result_count = False
    search_fields = ("actor__email", "actor__name", "page", "=changes__row")
    search_help_text = gettext_lazy("Colleague, page, or the number of a row")
    fields = readonly_fields = ("at", "actor", "what")
    change_form_outer_after_template = "admin/staff/changes.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[StaffAction]:
        actions: QuerySet[StaffAction] = super().get_queryset(request)
        changes = (
            StaffChange.objects.filter(action=OuterRef("pk")).order_by("table").values("table").distinct()
        )
        return actions.annotate(tables=ArraySubquery(changes))

    @admin.display(description=gettext_lazy("what"), ordering="page")
    def what(self, action: StaffAction) -> str:
        return in_words(action)

    @admin.display(description=gettext_lazy("rows of"))
    def rows(self, action: Any) -> str:
        return ", ".join(sorted(name_of(table) for table in action.tables))

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        changes = list(context["original"].changes.all()[: SHOWN + 1])
        context |= {"changed_rows": rows_of(changes[:SHOWN]), "more_changed_rows": len(changes) > SHOWN}
        answer: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return answer

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False


def in_words(action: StaffAction) -> str:
    """Such as “Membership: Adjust wallet”, in the reader's language."""
    for model, desk in admin.site._registry.items():  # noqa: SLF001 -- as Django's own checks look there
        kind = f"{model._meta.app_label}_{model._meta.model_name}_"  # noqa: SLF001 -- Django's public API
        if action.page.startswith(kind):
            page = action.page.removeprefix(kind)
            method = getattr(desk, action.chosen or page, None)
            said = getattr(method, "short_description", USUAL.get(page, action.chosen or page))
            return f"{capfirst(model._meta.verbose_name)}: {said}"  # noqa: SLF001 -- see above
    return str(USUAL.get(action.page, action.page))


def models_by_table() -> dict[str, type[Model]]:
    every = apps.get_models(include_auto_created=True)
    return {model._meta.db_table: model for model in every if not model._meta.proxy}  # noqa: SLF001 -- Django's public API


def name_of(table: str) -> str:
    model = models_by_table().get(table)
    return str(capfirst(model._meta.verbose_name)) if model else table  # noqa: SLF001 -- Django's public API


def rows_of(changes: Iterable[StaffChange]) -> list[Row]:
    """The changes in words. What a column refers to is looked up, a statement for each kind."""
    changes, known = list(changes), models_by_table()
    named = _referred_to(changes, known)
    return [
        Row(
            title=f"{name_of(change.table)} {change.row}",
            done=change.get_done_display(),
            link=_page_of(known.get(change.table), change),
            columns=[
                Column(
                    name=_label(field, name),
                    before=_said(field, was, named),
                    after=_said(field, became, named),
                )
                for name, (was, became) in change.fields.items()
                for field in [_field(known.get(change.table), name)]
            ],
        )
        for change in changes
    ]


def _field(model: type[Model] | None, column: str) -> "Field[Any, Any] | None":
    if model is None:
        return None
    return next((each for each in model._meta.concrete_fields if each.column == column), None)  # noqa: SLF001 -- Django's public API


def _label(field: "Field[Any, Any] | None", column: str) -> str:
    return str(capfirst(field.verbose_name)) if field is not None else column


def _referred_to(
    changes: Iterable[StaffChange], known: Mapping[str, type[Model]]
) -> dict[tuple[type[Model], Any], str]:
    wanted: dict[type[Model], set[Any]] = defaultdict(set)
    for change in changes:
        for column, values in change.fields.items():
            field = _field(known.get(change.table), column)
            if field is not None and field.remote_field:
                wanted[field.related_model] |= {value for value in values if value is not None}  # type: ignore[index]  # a foreign key's is a model
    return {
        (model, row.pk): str(row)
        for model, keys in wanted.items()
        for row in model._default_manager.filter(pk__in=keys)  # noqa: SLF001 -- Django's public API
    }


def _said(field: "Field[Any, Any] | None", value: Any, named: Mapping[tuple[type[Model], Any], str]) -> str:
    """A value as the desk would show it, as far as its kind is known."""
    if value is None or value == "":
        return NOTHING
    if field is not None and field.remote_field:
        return named.get((field.related_model, value), str(value))  # type: ignore[arg-type]  # see above
    if field is not None and field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if field is not None and field.get_internal_type() == "DateTimeField":
        at = parse_datetime(str(value))
        return date_format(localtime(at), "SHORT_DATETIME_FORMAT") if at else str(value)
    return number_format(value) if isinstance(value, int) else str(value)


def _page_of(model: type[Model] | None, change: StaffChange) -> str:
    if model is None or change.done == StaffChange.Done.REMOVED:
        return ""
    try:
        name = model._meta.label_lower.replace(".", "_")  # noqa: SLF001 -- Django's public API
        return reverse(f"admin:{name}_change", args=[change.row])
    except NoReverseMatch:
        return ""
