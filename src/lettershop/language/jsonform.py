"""The JSON form: a versioned document around the tree.

{"version": 1, "subject": "contact", "where": {"type": "did", "events": {…}}}
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Literal

import msgspec
from rapidfuzz import process

from lettershop.language.text.limits import MAX_CONDITIONS
from lettershop.language.tree import Condition, Node, Subject
from lettershop.language.walk import size
from lettershop.model.errors import DefinitionError, Finding

MAX_BYTES = 1_000_000
MAX_NESTING = 300
"""Brackets and braces; a level of conditions takes two."""

_BRACKETS = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', re.DOTALL)
_WHERE = re.compile(r"(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?", re.DOTALL)
_QUOTED = re.compile(r"[`'](\w+)[`']")


class Document(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=False
):
    """What a JSON definition says; `version` is that of this form."""

    version: Literal[1] = 1
    subject: Subject
    where: Condition


def to_json(tree: Condition, subject: Subject) -> bytes:
    """The document as compact JSON, keys in a fixed order; defaults of the tree are left out.

    Equal trees give equal bytes.
    """
    once = msgspec.json.encode(Document(subject=subject, where=tree))
    # Defaults are recognised by identity; reading gives every text of a Literal its one identity.
    return msgspec.json.encode(_decoder().decode(once))


def from_json(data: bytes | str, source: str = "") -> Document:
    """The document in `data`.

    Errors: DefinitionError with the JSON path, for anything but a valid document of version 1.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    _refuse_hostile(raw, source)
    try:
        document = _decoder().decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise DefinitionError([_finding(error, source)]) from None
    if size(document.where) > MAX_CONDITIONS:
        raise _refusal("language.too_many", f"more than {MAX_CONDITIONS:,} conditions", source)
    return document


def json_schema() -> dict[str, Any]:
    """JSON Schema of the document."""
    return msgspec.json.schema(Document)


@cache
def _decoder() -> "msgspec.json.Decoder[Document]":
    return msgspec.json.Decoder(Document)


def _refuse_hostile(raw: bytes, source: str) -> None:
    if len(raw) > MAX_BYTES:
        message = f"the document has {len(raw):,} bytes; the limit is {MAX_BYTES:,}"
        raise _refusal("language.too_long", message, source)
    depth = 0
    for token in _BRACKETS.finditer(raw):
        first = token[0][:1]
        depth += (first in b"[{") - (first in b"]}")
        if depth > MAX_NESTING:
            message = f"the document is nested more than {MAX_NESTING} levels deep"
            raise _refusal("language.too_deep", message, source)


def _refusal(code: str, message: str, source: str) -> DefinitionError:
    hint = "use several segments and combine them with in segment"
    return DefinitionError([Finding(code, message, hint=hint, source=source)])


def _finding(error: Exception, source: str) -> Finding:
    match = _WHERE.fullmatch(str(error))
    what, path = (match["what"], match["path"] or "$") if match else (str(error), "$")
    unknown = what.startswith(("Invalid value", "Object contains unknown field"))
    named = _QUOTED.search(what) if unknown else None
    near = process.extractOne(named[1], _names(path), score_cutoff=60) if named else None
    hint = f"did you mean {near[0]}?" if near else ""
    return Finding("json.invalid", f"at {path}: {what}", hint=hint, source=source)


def _names(path: str) -> list[str]:
    """Words that may stand at such a path: types of conditions, or keys of any of them."""
    kinds = {str(kind.__struct_config__.tag): kind for kind in _kinds(Node)}
    if path.endswith(".type"):
        return sorted(kinds)
    keys = {name for kind in kinds.values() for name in kind.__struct_fields__}
    return sorted(keys | {"version", "subject", "where", "type"})


def _kinds(base: type[Node]) -> Iterator[type[Node]]:
    for kind in base.__subclasses__():
        yield kind
        yield from _kinds(kind)
