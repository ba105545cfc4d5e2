"""The words of a campaign -> its file. What somebody wrote stays as it is, comments and all, as far
as it says the same.

`reading.py` is the other way; `read_text(name, written(words))` says what `words` say.
"""

import tomllib
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, Final

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import AoT

Words = Mapping[str, Any]
"""As TOML has them, by key of the file: `{"title": "…", "include": ["…"]}`."""

ORDER: Final = (
    "title",
    "description",
    "content",
    "include",
    "exclude",
    "stream",
    "purpose",
    "topic",
    "at",
    "holdout",
    "unit",
    "hold_minutes",
    "pixel",
    "canary",
    "stop",
    "goal",
    "compare",
    "variant",
)
"""All keys, in the order in which a new file has them. Others are left alone."""


def words_in(text: str) -> dict[str, Any]:
    """What a file says, unjudged. ValueError for what is no TOML, or nested too deeply."""
    try:
        return tomllib.loads(normal(text))
    except RecursionError as error:
        raise ValueError("nested too deeply") from error


def written(words: Words, before: str = "") -> str:
    """The file that says `words`; `before`: the one to change, anew where that cannot be."""
    wanted = {key: words[key] for key in ORDER if key in words}
    for text in dict.fromkeys((normal(before), "")):
        made = _changed(text, wanted)
        if made is not None:
            return normal(made)
    return normal(tomlkit.dumps(wanted))


def normal(text: str) -> str:
    """One end of line, as browsers send others; one at the end."""
    said = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    return f"{said}\n" if said else ""


def _changed(text: str, wanted: Words) -> str | None:
    """None where the result would not say what is wanted."""
    try:
        document = tomlkit.parse(text)
        _lay(document, wanted, ORDER)
        made = document.as_string()
        found = tomllib.loads(made)
    except (TOMLKitError, ValueError, RecursionError, TypeError):
        return None
    return made if {key: found[key] for key in ORDER if key in found} == wanted else None


def _lay(into: MutableMapping[str, Any], wanted: Words, known: Sequence[str]) -> None:
    """Change only what differs. Keys that are not `known` stay."""
    for key in [one for one in into if one in known and one not in wanted]:
        del into[key]
    for key in sorted(wanted, key=known.index):
        value, there = wanted[key], into.get(key)
        if _plain(there) == value and type(_plain(there)) is type(value):
            continue
        if isinstance(there, MutableMapping) and isinstance(value, Mapping):
            _lay(there, value, [*dict.fromkeys((*value, *there))])
        elif isinstance(there, AoT) and isinstance(value, list) and len(there) == len(value):
            for mine, its in zip(there, value, strict=True):
                _lay(mine, its, [*dict.fromkeys((*its, *mine))])
        else:
            into[key] = _item(key, value)


def _plain(item: Any) -> Any:
    return item.unwrap() if hasattr(item, "unwrap") else item


def _item(key: str, value: Any) -> Any:
    """Small tables stand on one line, variants and the goal in tables of their own."""
    if isinstance(value, Mapping) and key != "goal":
        table = tomlkit.inline_table()
        table.update(value)
        return table
    if isinstance(value, Mapping):
        section = tomlkit.table()
        section.update(value)
        return section
    if isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        tables = tomlkit.aot()
        for one in value:
            row = tomlkit.table()
            row.update(one)
            tables.append(row)
        return tables
    return value
