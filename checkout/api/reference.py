"""The API's reference as a page: what its OpenAPI description says, for people, without a script."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

Schema = Mapping[str, Any]


class ReferencePage(DocsBase):
    """In place of the interactive pages that ninja loads from a CDN, which our content policy rightly refuses."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        schema = api.get_openapi_schema()
        shapes = schema["components"]["schemas"]
        context = {
            "operations": list(_operations(schema)),
            "shapes": [_shape(name, shape) for name, shape in shapes.items() if "properties" in shape],
            "schema_url": self.get_openapi_url(api, kwargs),
            "description": api.description,
            "origin": schema["servers"][0]["url"],
        }
        return render(request, "pages/api.html", context)


def _operations(schema: Schema) -> Iterator[dict[str, Any]]:
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield {
                "id": operation["operationId"],
                "method": method.upper(),
                "path": path,
                "summary": operation["summary"],
                "description": _html(operation["description"]),
                "scope": next(iter(operation["security"][0].values()))[0],
                "parameters": operation["parameters"],
                "body": _type(body["schema"]) if body else None,
                "answers": [_answer(status, answer) for status, answer in operation["responses"].items()],
            }


def _answer(status: int, answer: Schema) -> dict[str, Any]:
    content = next(iter(answer["content"].values()))
    return {
        "status": int(status),
        "description": _html(answer["description"]),
        **_type(content["schema"]),
    }


def _shape(name: str, shape: Schema) -> dict[str, Any]:
    fields = [
        {
            "name": field,
            "description": _html(about.get("description", "")),
            "required": field in shape.get("required", ()),
            **_type(about),
        }
        for field, about in shape["properties"].items()
    ]
    example = next(iter(shape.get("examples", ())), None)
    return {
        "name": name,
        "description": _html(shape.get("description", "")),
        "fields": fields,
        "example": example and json.dumps(example, indent=2),
    }


def _type(of: Schema) -> dict[str, Any]:
    """What `pages/api_type.html` shows: a `text` or the name of a `shape`, whether `many`, whether `or_null`."""
    if "anyOf" in of:
        some = next(option for option in of["anyOf"] if option.get("type") != "null")
        return {**_type(some), "or_null": True}
    if "$ref" in of:
        return {"shape": of["$ref"].rsplit("/", 1)[-1]}
    if "enum" in of:
        return {"text": " | ".join(of["enum"])}
    if of["type"] == "array":
        return {**_type(of["items"]), "many": True}
    return {"text": of.get("format", of["type"])}


def _html(text: str) -> SafeString:
    """`text` with what stands between backticks as code."""
    parts = enumerate(text.split("`"))
    return format_html_join(
        "", "{}", ((format_html("<code>{}</code>", part) if n % 2 else part,) for n, part in parts)
    )
