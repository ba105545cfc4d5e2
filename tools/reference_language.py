"""The page about the segment language: operators from their rows, conditions from examples that are
parsed, said in English and printed as JSON on the way."""

import json
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import get_args

import msgspec

from lettershop.language import parse, sentence, to_json
from lettershop.language.operators import ROWS
from lettershop.language.tree import Condition, Subject

EXAMPLES = Path(__file__).with_name("conditions.toml")


class Group(msgspec.Struct, forbid_unknown_fields=True):
    """A group of examples in conditions.toml."""

    title: str
    about: str
    examples: tuple[str, ...]
    subject: Subject = "contact"


class Page(msgspec.Struct, forbid_unknown_fields=True):
    introduction: str
    json: str
    group: tuple[Group, ...]


def page() -> Page:
    return msgspec.convert(tomllib.loads(EXAMPLES.read_text("utf-8")), Page)


def nodes(condition: object) -> Iterator[msgspec.Struct]:
    """The condition and everything in it."""
    if isinstance(condition, msgspec.Struct):
        yield condition
        for name in condition.__struct_fields__:
            yield from nodes(getattr(condition, name))
    elif isinstance(condition, tuple):
        for part in condition:
            yield from nodes(part)


def kinds_without_example() -> set[str]:
    """Names of kinds of condition that no example shows."""
    shown = {type(n) for g in page().group for e in g.examples for n in nodes(parse(e).tree)}
    return {kind.__name__ for kind in get_args(Condition) if kind not in shown}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A Markdown table; bars in cells are escaped."""
    lines = [[*head], ["---" for _ in head], *([*row] for row in rows)]
    return "".join(
        "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in line) + " |\n"
        for line in lines
    )


def code(text: str) -> str:
    """As code in a line, back quotes inside allowed."""
    return f"`` {text} ``" if "`" in text else f"`{text}`"


def group_section(group: Group) -> str:
    rows = [(code(e), sentence(parse(e).tree, group.subject)) for e in group.examples]
    return f"\n## {group.title}\n\n{group.about}\n\n" + table(["text", "sentence"], rows)


def operators_section() -> str:
    rows = [
        (code(o.key), ", ".join(o.kinds), code(o.example), code(o.of) if o.of else "") for o in ROWS
    ]
    return (
        "\n## Operators\n\nA negative operator is the complement of its positive one, "
        "so it is true for a missing value.\n\n"
        + table(["operator", "fields of type", "example", "complement of"], rows)
    )


def json_section(example: str) -> str:
    document = json.loads(to_json(parse(example).tree, "contact"))
    return (
        "\n## As JSON\n\nThe API and the rule builder use the same tree as JSON, with a version; "
        "unknown keys are refused. The form is described by "
        f"[segment.schema.json](segment.schema.json). {code(example)} is:\n\n"
        f"```json\n{json.dumps(document, indent=2, ensure_ascii=False)}\n```\n"
    )


def language_page(note: str) -> str:
    written = page()
    sections = "".join(group_section(group) for group in written.group)
    return f"# The segment language\n\n{note}{written.introduction}{sections}" + (
        operators_section() + json_section(written.json)
    )
