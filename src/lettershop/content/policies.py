"""`[missing]` of the front matter: what a letter does where a value is missing.

    "contact.first_name" = "colleague"      say this instead
    "order" = { hide = true }               leave out the block around the place
    "account.renewal_date" = { skip = "no renewal date" }   no letter, for this reason

Names may also be written as TOML tables: `contact.first_name = "colleague"`.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lettershop.content.template import Fallback, Hide, Policy, Skip
from lettershop.language.places import Path
from lettershop.language.tables import Page, Table

OBJECTS = (
    "contact",
    "account",
    "membership",
    "owner",
    "matched",
    "campaign",
    "message",
    "sender",
    "workspace",
)
"""Top names that hold others and are never missing themselves as a whole."""
ROOTS = (*OBJECTS, "unsubscribe_url", "preferences_url")
"""Names that every letter has."""

_IDENTIFIER = re.compile(r"[^\W\d][\w-]*")
_ODD = re.compile(r"[{}%|\[\]\"'<>]|\s{2,}")
SAID = frozenset({"hide", "skip"})
HINT = 'a text to say instead, { hide = true } or { skip = "the reason" }'


def read_policies(table: Table) -> dict[str, Policy]:
    """By variable, as `Read.name` writes it."""
    found: dict[str, Policy] = {}
    for name, path, value in _entries(table.values, table.path):
        policy = _policy(table.page, name, path, value)
        if said := bad_variable(name):
            table.page.say(
                "template.variable", f"“{name}” {said}", path, "contact.first_name, order.total"
            )
        elif name in found:
            table.page.say("template.duplicate", f"“{name}” has two policies", path)
        elif policy is not None:
            found[name] = policy
    return found


def bad_variable(name: str) -> str:
    """What is wrong with the name of a variable: `city`, `contact.city`, `deals[].amount`."""
    first, *rest = [part.removesuffix("[]") for part in name.split(".")]
    if not _IDENTIFIER.fullmatch(first):
        return "is not the name of a variable"
    if any(not part or part != part.strip() or _ODD.search(part) for part in rest):
        return "is not the name of a variable"
    if name in OBJECTS:
        return "is not a value but holds values: name one of them"
    return ""


def _entries(values: Mapping[str, Any], path: Path) -> Iterator[tuple[str, Path, object]]:
    """(name, path, value) of each policy. `contact.city = "…"` without quotes is a table `contact`
    to TOML; deeper names stand in quotes, so that a misspelt `{ hde = true }` is not a name."""
    for key, value in values.items():
        if key in OBJECTS and isinstance(value, dict) and not {*value} <= SAID:
            yield from ((f"{key}.{k}", (*path, key, k), inner) for k, inner in value.items())
        else:
            yield key, (*path, key), value


def _policy(page: Page, name: str, path: Path, value: object) -> Policy | None:
    match value:
        case str() if value.strip():
            return Fallback(value)
        case str():
            message = f"the fallback of “{name}” is blank, and blank counts as missing"
            page.say("template.blank", message, path, HINT)
        case {"hide": True, **rest} if not rest:
            return Hide()
        case {"skip": str(reason), **rest} if not rest and reason.strip():
            return Skip(reason.strip())
        case bool() | int() | float():
            page.say("toml.wrong_type", f"“{name}” is a text, so it stands in quotes", path, HINT)
        case dict() if not {*value} & SAID:
            hint = f"a name with dots stands in quotes; the policy is {HINT}"
            inner = (*path, *list(value)[:1])
            page.say("template.policy", f"what to do without “{name}” is not said", inner, hint)
        case _:
            page.say("template.policy", f"what to do without “{name}” is not said", path, HINT)
    return None
