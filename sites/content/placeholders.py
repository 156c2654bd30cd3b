"""Words of a starter site that stand for what only the new site knows. Works in the current schema."""

import html
from collections.abc import Callable, Mapping
from typing import Any, Final

from django.apps import apps
from django.db.models import CharField, Model, TextField
from wagtail.blocks import FieldBlock, ListBlock, RawHTMLBlock, RichTextBlock, StreamBlock, StructBlock
from wagtail.blocks.stream_block import StreamValue
from wagtail.fields import RichTextField, StreamField
from wagtail.models import Page
from wagtail.search import index as search_index

SITE_TITLE: Final = "{site_title}"
OWNER: Final = "{owner}"

Fill = Callable[[str], str]


def fill(values: Mapping[str, str]) -> None:
    """Put `values` in place of the placeholders that are their keys, in every text of the site's own content: pages,
    forms, menus, descriptions of pictures. In formatted text they are escaped."""
    for model in apps.get_app_config("content").get_models():
        for row in model._base_manager.all():  # noqa: SLF001 -- Django's documented API
            changed = dict(_changed(row, values))
            if changed:
                model._base_manager.filter(pk=row.pk).update(**changed)  # noqa: SLF001 -- see above
                if isinstance(row, Page):
                    row.refresh_from_db()
                    search_index.insert_or_update_object(row)


def _changed(row: Model, values: Mapping[str, str]) -> list[tuple[str, Any]]:
    changed: list[tuple[str, Any]] = []
    for field in row._meta.concrete_fields:  # noqa: SLF001 -- Django's documented API
        before = getattr(row, field.attname)
        after = before
        if isinstance(field, StreamField):
            after = _in_stream(field.stream_block, before, values)
        elif isinstance(before, str) and isinstance(field, (CharField, TextField)) and not field.unique:
            after = _filled(before, values, is_html=isinstance(field, RichTextField))
        if after is not before and after != before:
            changed.append((field.name, after))
    return changed


def _in_stream(block: StreamBlock, value: StreamValue, values: Mapping[str, str]) -> StreamValue:
    before = list(value.raw_data)
    after = _in_block(block, before, values)
    return value if after == before else StreamValue(block, after, is_lazy=True)


def _in_block(block: Any, raw: Any, values: Mapping[str, str]) -> Any:
    """The stored form of a block's value, with the placeholders in it filled."""
    if isinstance(block, StreamBlock):
        children = block.child_blocks
        return [
            {**part, "value": _in_block(children.get(part["type"]), part["value"], values)} for part in raw
        ]
    if isinstance(block, ListBlock):
        return [{**item, "value": _in_block(block.child_block, item["value"], values)} for item in raw]
    if isinstance(block, StructBlock):
        return {name: _in_block(block.child_blocks.get(name), value, values) for name, value in raw.items()}
    if isinstance(block, FieldBlock) and isinstance(raw, str):
        return _filled(raw, values, is_html=isinstance(block, (RichTextBlock, RawHTMLBlock)))
    return raw


def _filled(text: str, values: Mapping[str, str], *, is_html: bool) -> str:
    for placeholder, value in values.items():
        text = text.replace(placeholder, html.escape(value) if is_html else value)
    return text
