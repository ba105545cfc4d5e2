"""Golden files: `content/golden/<template>/<class>.json` with what a letter was made of and its
subject, `.html` and `.txt` with the rest of it."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from lettershop.content.folder import GOLDEN
from lettershop.content.letter import Letter, Rendered
from lettershop.content.proof.places import from_plain, to_plain
from lettershop.content.proof.said import Fate
from lettershop.model.errors import InputError

DEFAULT = "default"
_KEPT_APART = frozenset(("html", "text", "outcomes"))


class Golden(msgspec.Struct, frozen=True, kw_only=True, rename={"id": "class"}):
    """`id`: of the class; `about`: what is so in it, for people. `blocks`: name of a block to the
    condition that was first true, or “default”. `values`: plain JSON (values.py). `said`: subject,
    preheader and what else a letter has besides `html` and `text`, which are files of their own.
    `reason`: why there is no letter, of a class that is skipped."""

    id: str
    template: str
    language: str
    fate: Fate
    about: tuple[str, ...]
    reason: str = ""
    blocks: Mapping[str, str] = {}
    values: Mapping[str, Any] = {}
    said: Mapping[str, str] = {}
    html: str = ""
    text: str = ""

    def known(self) -> dict[str, Any]:
        """Its values as a letter takes them."""
        made = from_plain(dict(self.values))
        return {key: made[key] for key in made}


def said_of(made: Rendered) -> dict[str, str]:
    """Everything of a letter that stands in the JSON."""
    fields = msgspec.structs.asdict(made)
    return {name: str(value) for name, value in fields.items() if name not in _KEPT_APART}


def blocks_of(letter: Letter, shown: Sequence[int]) -> dict[str, str]:
    """Conditions by block: their numbers change when somebody adds one."""
    pairs = zip(letter.blocks, shown, strict=False)
    return {
        block.name: block.conditions[n] if n < len(block.conditions) else DEFAULT
        for block, n in pairs
        if block.conditions
    }


def shown_of(letter: Letter, blocks: Mapping[str, str]) -> tuple[int, ...] | None:
    """The inverse; None when one of the conditions is no longer in the template."""
    shown: list[int] = []
    for block in letter.blocks:
        said = blocks.get(block.name, DEFAULT)
        if said == DEFAULT:
            shown.append(len(block.conditions))
        elif said in block.conditions:
            shown.append(block.conditions.index(said))
        else:
            return None
    return tuple(shown)


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: to_plain(value) for key, value in values.items()}


def write(content: Path, golden: Golden) -> Path:
    """Into the folder `content`; the path of the JSON."""
    path = _path(content, golden.template, golden.id)
    path.parent.mkdir(parents=True, exist_ok=True)
    body = msgspec.to_builtins(golden)
    html, text = body.pop("html"), body.pop("text")
    path.write_bytes(msgspec.json.format(msgspec.json.encode(body), indent=2) + b"\n")
    if golden.fate == "letter":
        _text(path.with_suffix(".html"), html)
        _text(path.with_suffix(".txt"), text)
    return path


def remove(content: Path, template: str, name: str) -> None:
    path = _path(content, template, name)
    for suffix in (".json", ".html", ".txt"):
        path.with_suffix(suffix).unlink(missing_ok=True)


def read(content: Path) -> Iterator[Golden]:
    """All of them, by path. InputError `golden.unreadable`."""
    for path in sorted((content / GOLDEN).rglob("*.json")):
        try:
            said = msgspec.json.decode(path.read_bytes())
            html, text = (_read(path.with_suffix(suffix)) for suffix in (".html", ".txt"))
            yield msgspec.convert({**said, "html": html, "text": text}, Golden)
        except (OSError, UnicodeDecodeError, TypeError, msgspec.DecodeError) as error:
            hint = "take it back from git, or: lettershop content proof NAME SEGMENT --keep"
            where = path.relative_to(content.parent).as_posix()
            raise InputError("golden.unreadable", str(error), where=where, hint=hint) from None


def _path(content: Path, template: str, name: str) -> Path:
    return content / GOLDEN / template / f"{name}.json"


def _text(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


def _read(path: Path) -> str:
    """As it was written: no newline is translated."""
    return path.read_bytes().decode() if path.exists() else ""
