"""What MJML allows (mjml.toml), and what a body does against it."""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files

import msgspec
from rapidfuzz import process

Kinds = Mapping[str, str]
"""Attribute -> kind of its values, as mjml.toml says it."""

EVERYWHERE = {"css-class": "text", "mj-class": "text"}
WITHOUT_CLASSES = ("mjml", "mj-head", "mj-all", "mj-class")
SAID = ("parents", "content", "refused")

NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)"
KINDS = {
    "text": re.compile(r".*", re.S),
    "color": re.compile(
        r"#(?:[0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})|[a-z]+|(?:rgb|hsl)a?\([\d\s.,%/a-z+-]+\)", re.I
    ),
    "integer": re.compile(r"\d+"),
    "boolean": re.compile(r"true|false"),
    "pixels": re.compile(rf"{NUMBER}px|0"),
    "length": re.compile(rf"{NUMBER}(?:px|%|em)|0"),
    "lengths": re.compile(rf"(?:(?:{NUMBER}(?:px|%|em)|0)(?:\s+|$)){{1,4}}"),
    "number": re.compile(NUMBER),
}
EXAMPLES = {
    "color": "#1a73e8",
    "integer": "0",
    "boolean": "true",
    "pixels": "12px",
    "length": "12px or 50%",
    "lengths": "10px 25px",
}


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """An element: where it stands, what it takes. `refused`: why it is not for letters here."""

    parents: tuple[str, ...]
    content: bool
    refused: str
    attributes: Kinds


class Rules:
    """All elements; those of `<mj-attributes>` besides, which are written like the ones they speak
    of, and `<mj-all>`, `<mj-class>`, which take any attribute there is."""

    def __init__(self, said: Mapping[str, Mapping[str, object]]) -> None:
        self.rules = {name: rule(name, entry) for name, entry in said.items()}
        self.any = {k: v for entry in self.rules.values() for k, v in entry.attributes.items()}

    def get(self, name: str, parent: str) -> Rule | None:
        known = self.rules.get(name)
        if parent != "mj-attributes":
            return known
        if name in ("mj-all", "mj-class"):
            kinds = {**self.any, "name": "text"}
            return Rule(parents=(parent,), content=False, refused="", attributes=kinds)
        return msgspec.structs.replace(known, parents=(parent,)) if known else None

    def holds_html(self, name: str) -> bool:
        return name in self.rules and self.rules[name].content

    def near(self, name: str) -> str:
        return nearest(name, [*self.rules, "mj-all", "mj-class"])

    def elements(self) -> tuple[str, ...]:
        """All that a letter may have."""
        return tuple(name for name, rule in self.rules.items() if not rule.refused)

    def children(self, name: str) -> list[str]:
        """The elements that may stand in one."""
        return [k for k, r in self.rules.items() if name in r.parents and not r.refused]


def rule(name: str, entry: Mapping[str, object]) -> Rule:
    kinds = {
        attribute: kind
        for kind, attributes in entry.items()
        if kind not in SAID
        for attribute in str(attributes).split()
    }
    return Rule(
        parents=msgspec.convert(entry.get("parents", ()), tuple[str, ...]),
        content=bool(entry.get("content")),
        refused=str(entry.get("refused", "")),
        attributes=kinds if name in WITHOUT_CLASSES else {**EVERYWHERE, **kinds},
    )


def fits(value: str, kind: str) -> bool:
    """Whether an attribute may have that value; blank is as if it were not there."""
    value = value.strip()
    if not value or kind == "text":
        return True
    ways = [way.strip() for way in re.split(r"\||\bor\b", kind)]
    return any(KINDS[way].fullmatch(value) if way in KINDS else value == way for way in ways)


def example(kind: str) -> str:
    """What to write instead."""
    first = kind.split(" or ")[0]
    return EXAMPLES.get(first) or ", ".join(kind.split(" | "))


def nearest(word: str, known: list[str]) -> str:
    found = process.extractOne(word, known, score_cutoff=75)
    return found[0] if found else ""


RULES = Rules(
    tomllib.loads(files("lettershop.content.markup").joinpath("mjml.toml").read_text("utf-8"))
)
