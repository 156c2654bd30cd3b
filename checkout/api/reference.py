"""The API's reference as a page: what its OpenAPI description says, for people, without a script."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
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
            "shapes": [
                _shape(name, shape, shapes) for name, shape in shapes.items() if "properties" in shape
            ],
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
                "description": operation["description"],
                "scope": next(iter(operation["security"][0].values()))[0],
                "parameters": operation["parameters"],
                "body": _type(body["schema"], {}) if body else None,
                "answers": [_answer(status, answer) for status, answer in operation["responses"].items()],
            }


def _answer(status: int, answer: Schema) -> dict[str, Any]:
    content = next(iter(answer["content"].values()))
    return {"status": int(status), "description": answer["description"], **_type(content["schema"], {})}


def _shape(name: str, shape: Schema, shapes: Schema) -> dict[str, Any]:
    fields = [
        {
            "name": field,
            "description": about.get("description", ""),
            "required": field in shape.get("required", ()),
            **_type(about, shapes),
        }
        for field, about in shape["properties"].items()
    ]
    example = next(iter(shape.get("examples", ())), None)
    return {
        "name": name,
        "description": shape.get("description", ""),
        "fields": fields,
        "example": example and json.dumps(example, indent=2),
    }


def _type(of: Schema, shapes: Schema) -> dict[str, Any]:
    """What `pages/api_type.html` shows: a `text` or the name of a `shape`, whether `many`, whether `or_null`."""
    if "anyOf" in of:
        some = next(option for option in of["anyOf"] if option.get("type") != "null")
        return {**_type(some, shapes), "or_null": True}
    if "allOf" in of:
        return _type(of["allOf"][0], shapes)
    if "$ref" in of:
        name = of["$ref"].rsplit("/", 1)[-1]
        values = shapes.get(name, {}).get("enum")
        return {"text": " | ".join(values)} if values else {"shape": name}
    if of["type"] == "array":
        return {**_type(of["items"], shapes), "many": True}
    return {"text": of.get("format", of["type"])}
