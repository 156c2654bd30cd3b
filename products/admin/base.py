"""The classes that every page of the network admin is made of."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django.http import HttpRequest

NOTHING = "\N{EN DASH}"  # in a cell that has nothing to say

_F = TypeVar("_F", bound=Callable[..., Any])

if TYPE_CHECKING:  # Unfold ships no types; its classes take and give what Django's do
    from django.contrib.admin import ModelAdmin as Admin
    from django.contrib.admin import TabularInline as Inline

    def display(
        *,
        description: Any = None,
        ordering: Any = None,
        boolean: bool | None = None,
        header: bool | None = None,
        label: Any = None,
    ) -> Callable[[_F], _F]:
        """Django's `admin.display`, with Unfold's two-line `header` and coloured `label`."""

else:
    from unfold.admin import ModelAdmin, TabularInline
    from unfold.decorators import display

    class Admin(ModelAdmin):
        list_per_page = 50
        warn_unsaved_form = True

        def __class_getitem__(cls, _model: Any) -> Any:
            return cls

    class Inline(TabularInline):
        extra = 0
        hide_title = True

        def __class_getitem__(cls, _model: Any) -> Any:
            return cls


class ReadOnly:
    """Rows that the network admin shows and nobody changes there; a crafted POST gets 403."""

    def has_add_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, *_args: Any) -> bool:
        return False


__all__ = ["NOTHING", "Admin", "Inline", "ReadOnly", "display"]
