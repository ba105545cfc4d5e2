"""Where in a definition a condition stands, and whom it therefore speaks of."""

from typing import Literal

from lettershop.language.tree import Scope, Subject
from lettershop.planning.metrics import FieldScope, Grain

Place = Literal["contact", "account", "person"]
"""In a contact or people segment; in an account segment; inside `people who (…)`."""

_PREFIX: dict[str, FieldScope] = {"account.": "account", "membership.": "membership"}


def place_of(subject: Subject) -> Place:
    return "account" if subject == "account" else "contact"


def field_of(path: str, place: Place) -> tuple[FieldScope, str]:
    """Scope and bare name of a field as written."""
    for prefix, scope in _PREFIX.items():
        if path.startswith(prefix):
            return scope, path[len(prefix) :]
    return ("account" if place == "account" else "contact"), path


def event_grain(scope: Scope, place: Place) -> Grain:
    """Whose events: inside `people who`, the person's in that account."""
    if scope == "account" or place == "account":
        return "account"
    return "pair" if scope == "here" or place == "person" else "contact"


def side_grain(scope: Literal["own", "account"], place: Place) -> Literal["contact", "account"]:
    """Whose records, age or segments."""
    return "account" if scope == "account" or place == "account" else "contact"
