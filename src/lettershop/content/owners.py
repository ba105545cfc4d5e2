"""`owners.toml`: who looks after accounts, for letters that speak in their name.

    ["mara.lind@example.com"]
    name = "Mara Lind"
    phone = "+49 30 1234567"

The key is what the setting `owner_field` holds: an address, or an id of the CRM.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from lettershop.language.places import Places
from lettershop.language.toml_text import toml_mistake
from lettershop.model.errors import Finding
from lettershop.model.values import fold

FILE: Final = "owners.toml"
LIMIT: Final = 1024 * 1024

Owner = Mapping[str, str]


class Owners(msgspec.Struct, frozen=True):
    """The owners of a workspace, by folded key; each has `key`, and `email` where it is known."""

    known: Mapping[str, Owner] = {}

    def find(self, key: str | None) -> Owner | None:
        return self.known.get(fold(key)) if key else None

    def fields(self) -> set[str]:
        """What owners.toml says of anybody."""
        return {field for owner in self.known.values() for field in owner}


def read_owners(folder: Path) -> tuple[Owners, list[Finding]]:
    """The owners in the workspace `folder`, and all that is wrong with the file."""
    try:
        raw = (folder / FILE).read_bytes()
        if len(raw) > LIMIT:
            return Owners(), [_finding("owners.too_large", "the file is larger than 1 MB")]
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except FileNotFoundError:
        return Owners(), []
    except OSError as error:
        return Owners(), [_finding("owners.unreadable", f"cannot be read: {error.strerror}")]
    except UnicodeDecodeError:
        return Owners(), [_finding("owners.encoding", "is not UTF-8 text", "save it as UTF-8")]
    except RecursionError:
        return Owners(), [_finding("owners.toml", "is nested too deeply")]
    except tomllib.TOMLDecodeError as error:
        said, span = toml_mistake(str(error), text)
        hint = 'a key that is an address goes in quotes: ["ann@example.com"]'
        return Owners(), [
            Finding("owners.toml", f"is not valid TOML: {said}", hint=hint, span=span, source=FILE)
        ]
    return _read(data, Places(text))


def _finding(code: str, message: str, hint: str = "") -> Finding:
    return Finding(code, message, hint=hint, source=FILE)


def _read(data: Mapping[str, Any], places: Places) -> tuple[Owners, list[Finding]]:
    found: dict[str, Owner] = {}
    wrong: list[Finding] = []

    def say(code: str, message: str, *path: str, hint: str = "") -> None:
        wrong.append(Finding(code, message, hint=hint, span=places.key(path), source=FILE))

    for key, table in data.items():
        if not isinstance(table, dict):
            hint = f'["{key}"] on a line of its own, then name = "…"'
            say("owners.not_a_table", f"“{key}” is not a table", key, hint=hint)
            continue
        if not fold(key) or fold(key) in found:
            message = "a blank key names nobody" if not fold(key) else f"“{key}” is there twice"
            say("owners.key", message, key, hint="each account manager once, in any case")
            continue
        owner = {"key": key, **({"email": key} if "@" in key else {})}
        for field, value in table.items():
            if isinstance(value, str) and value.strip():
                owner[field] = value
            else:
                message = f"“{field}” of “{key}” is not a text"
                say("owners.not_text", message, key, field, hint="leave it out if it is not known")
        found[fold(key)] = owner
    return Owners(found), wrong
