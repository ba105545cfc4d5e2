"""The states of an address, the one that decides first, and what to do about each."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

AddressState = Literal["invalid", "mistyped", "outdated", "disposable", "role", "unengaged", "ok"]

STATES: Final[tuple[AddressState, ...]] = (
    "invalid",
    "mistyped",
    "outdated",
    "disposable",
    "role",
    "unengaged",
    "ok",
)
"""Of several that hold the first is the state: what makes a letter impossible, then what makes it
pointless, then what makes it unwelcome."""


def first_of(found: Iterable[AddressState]) -> AddressState:
    """Of several that hold the one that decides; ok when there is none."""
    return min(found, key=STATES.index, default="ok")


FIRST: Final = ("invalid", "mistyped")
"""What the address shows by itself, before any fact about it counts."""

SHOWN: Final[tuple[AddressState, ...]] = ("outdated", "unengaged")
"""What facts show."""

ADVICE: Final[Mapping[AddressState, str]] = {
    "invalid": "nobody can be reached there: ask for another address by another way",
    "mistyped": "compare the suggestion with what you know of the person, then correct the address",
    "outdated": "stop writing there; look for the person’s new address, or for their successor",
    "disposable": "expect it to be gone tomorrow: do not count it as a lead",
    "role": "do not add it to newsletters; find the person behind it",
    "unengaged": "ask once whether they still want to hear from you, then stop",
    "ok": "nothing to do",
}
