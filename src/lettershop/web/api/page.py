"""The OpenAPI document as the page `api.html` draws it: groups of operations, then the shapes."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

Json = Mapping[str, Any]


class Row(msgspec.Struct, frozen=True):
    """A parameter of an operation or a field of a shape."""

    name: str
    type: str
    needed: bool
    about: str = ""


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """`takes` and `gives` name shapes; `about` are paragraphs."""

    id: str
    method: str
    path: str
    role: str
    summary: str
    about: tuple[str, ...]
    parameters: tuple[Row, ...]
    takes: tuple[str, ...]
    gives: tuple[str, ...]


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """`cases` are the shapes it is one of."""

    name: str
    about: tuple[str, ...]
    fields: tuple[Row, ...]
    cases: tuple[str, ...]


def groups(document: Json) -> dict[str, list[Operation]]:
    """The operations by tag, in the order of the document."""
    found: dict[str, list[Operation]] = {}
    for path, methods in document["paths"].items():
        for method, details in methods.items():
            made = _operation(method.upper(), path, details)
            found.setdefault(details["tags"][0], []).append(made)
    return found


def shapes(document: Json) -> list[Shape]:
    """All shapes, by name."""
    return [
        _shape(name, schema) for name, schema in sorted(document["components"]["schemas"].items())
    ]


def _operation(method: str, path: str, details: Json) -> Operation:
    first, *rest = _paragraphs(details.get("description", details["summary"]))
    success = next(v for k, v in details["responses"].items() if str(k).startswith("2"))
    return Operation(
        id=details["operationId"],
        method=method,
        path=path,
        role=details["x-role"],
        summary=first,
        about=tuple(rest),
        parameters=tuple(_parameter(p) for p in details["parameters"]),
        takes=tuple(_content(details.get("requestBody", {}))),
        gives=tuple(_content(success)),
    )


def _parameter(said: Json) -> Row:
    kind = f"{_type(said['schema'])}, in the {said['in']}"
    return Row(said["name"], kind, said["required"], _spoken(said.get("description", "")))


def _content(said: Json) -> Iterator[str]:
    """The names of the shapes of a body; of another than JSON its media type."""
    for media_type, content in said.get("content", {}).items():
        names = list(_names(content.get("schema", {})))
        yield from names if names else [media_type]


def _shape(name: str, schema: Json) -> Shape:
    needed = schema.get("required", ())
    return Shape(
        name=name,
        about=tuple(_paragraphs(schema.get("description", ""))),
        fields=tuple(
            Row(field, _type(said), field in needed)
            for field, said in schema.get("properties", {}).items()
        ),
        cases=tuple(_names(schema)) if "properties" not in schema else (),
    )


def _names(schema: Json) -> Iterator[str]:
    """The shapes a schema speaks of, not going into them."""
    if "$ref" in schema:
        yield schema["$ref"].rpartition("/")[2]
    parts = [*schema.get("anyOf", ()), *schema.get("oneOf", ())]
    if isinstance(schema.get("items"), Mapping):
        parts.append(schema["items"])
    for part in parts:
        yield from _names(part)


def _type(schema: Json) -> str:
    """In words: “list of Key”, “text or null”, “one of a, b”."""
    match schema:
        case {"$ref": name}:
            return str(name).rpartition("/")[2]
        case {"anyOf": cases} | {"oneOf": cases}:
            return " or ".join(dict.fromkeys(_type(case) for case in cases))
        case {"enum": values}:
            return "one of " + ", ".join(map(str, values))
        case {"const": value}:
            return f"“{value}”"
        case {"type": "array", "items": items} if isinstance(items, Mapping):
            return f"list of {_type(items)}"
        case {"type": "object", "additionalProperties": values} if isinstance(values, Mapping):
            return f"object of {_type(values) if values else 'values'}"
        case {"type": kind}:
            return "text" if kind == "string" else str(kind)
        case _:
            return "value"


def _paragraphs(text: str) -> list[str]:
    return [" ".join(part.split()) for part in _spoken(text).split("\n\n") if part.strip()]


def _spoken(text: str) -> str:
    return text.replace("`", "")
