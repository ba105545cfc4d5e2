"""From what letters read to what has to be fetched."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import msgspec
from liquid import Environment
from liquid.exceptions import LiquidError

from lettershop.content.letter import Path, Read
from lettershop.content.template import Data, Events, Items, LastEvent, Outside, Records, Template
from lettershop.content.values.trees import EACH, Keys
from lettershop.model.catalog import Catalog, FieldInfo, Fields
from lettershop.model.settings import Settings

TOP: Final = frozenset(
    {
        "contact",
        "account",
        "membership",
        "owner",
        "matched",
        "campaign",
        "message",
        "sender",
        "workspace",
        "unsubscribe_url",
        "preferences_url",
    }
)
"""Names with a meaning of their own: neither fields nor data can be reached by them alone."""

IDENTITY: Final = FieldInfo(name="id", type="text", column="identity")
"""`contact.id` and `account.id`, unless contacts have a field of that name."""

_TAG: Final = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.S)
_QUOTED: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'")
_POSITIONS: Final = frozenset({EACH, "first", "last"})


class Leaf(NamedTuple):
    """A field, and the keys it has in the values."""

    keys: Keys
    info: FieldInfo


class Properties(NamedTuple):
    """What is read of an event or a record. `rest`: names of what has no column, lists of objects;
    None for all there is."""

    leaves: tuple[Leaf, ...]
    rest: frozenset[str] | None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """`bare`: leaves that were asked for without saying whose, by key: the contact's, then the
    account's. `data`: per name the paths below it."""

    contact: tuple[Leaf, ...]
    account: tuple[Leaf, ...]
    membership: tuple[Leaf, ...]
    bare: Mapping[Keys, tuple[FieldInfo | None, FieldInfo | None]]
    data: Mapping[str, tuple[Path, ...]]
    paths: tuple[Path, ...]


def wanted(
    template: Template, reads: Iterable[Read], catalog: Catalog, settings: Settings
) -> Wanted:
    """What the letters of a template need, and what its items and outside data need themselves."""
    paths = tuple(_with_needed([read.path for read in reads], template, settings))
    below = {top: [path[1:] for path in paths if path[0] == top] for top in TOP}
    bare = [path for path in paths if path[0] not in TOP and path[0] not in template.data]
    return Wanted(
        contact=leaves(below["contact"], contact_fields(catalog)),
        account=leaves(below["account"], account_fields(catalog)),
        membership=leaves(below["membership"], catalog.membership),
        bare=_bare(bare, catalog),
        data={
            name: tuple(path[1:] for path in paths if path[0] == name)
            for name in template.data
            if any(path[0] == name for path in paths)
        },
        paths=paths,
    )


def _with_needed(said: Iterable[Path], template: Template, settings: Settings) -> Iterable[Path]:
    """The paths, and what the sources of data among them read by themselves, each once."""
    found: dict[Path, None] = {}
    asked = [path for path in said if path]
    while asked:
        path = asked.pop(0)
        if path not in found:
            found[path] = None
            source = template.data.get(path[0])
            if source is not None:
                asked += needed_by(source, settings)
    return found


def quoted(template: Template) -> frozenset[str]:
    """The texts in quotes within Liquid: filters name fields so (`deals | map: "stage"`), which no
    variable does."""
    texts = "\n".join(
        f"{v.subject}\n{v.preheader}\n{v.body}\n{v.text or ''}" for v in template.variants
    )
    tags = "\n".join(_TAG.findall(texts))
    return frozenset(double or single for double, single in _QUOTED.findall(tags))


def contact_fields(catalog: Catalog) -> Fields:
    return {"id": IDENTITY, **catalog.contact}


def account_fields(catalog: Catalog) -> Fields:
    return {**catalog.account, "id": IDENTITY}


def needed_by(source: Data, settings: Settings) -> list[Path]:
    """The variables that a source of data reads by itself."""
    match source:
        case Items():
            market = source.market or settings.market_field
            return [tuple(name.split(".")) for name in (*source.match.values(), market)]
        case Outside():
            return _in_address(source.url)
        case LastEvent() | Events() | Records():
            return []


def _in_address(url: str) -> list[Path]:
    try:
        found = Environment().from_string(url).analyze().globals
    except LiquidError:
        return []  # its own check says what is wrong with it
    return [
        tuple(str(part) for part in variable.segments)
        for variables in found.values()
        for variable in variables
    ]


def leaves(paths: Sequence[Path], fields: Fields) -> tuple[Leaf, ...]:
    """The fields that paths read: of an object, where nothing deeper is read, all of them."""
    deeper = [path for path in paths if path] or paths
    found = {leaf.keys: leaf for path in deeper for leaf in _leaves_of(path, fields)}
    return tuple(sorted(found.values(), key=lambda leaf: len(leaf.keys)))


def is_known(path: Path, fields: Fields) -> bool:
    """Whether the path reads a field, a part of one, or an object of several."""
    return not path or bool(_leaves_of(path, fields))


def _leaves_of(path: Path, fields: Fields) -> list[Leaf]:
    keys = path[: path.index(EACH)] if EACH in path else path
    for length in range(len(keys), 0, -1):
        info = fields.get(".".join(keys[:length]))
        if info is not None:
            return [Leaf(keys[:length], info)]
    start = "".join(f"{key}." for key in keys)
    return [
        Leaf((*keys, *name[len(start) :].split(".")), info)
        for name, info in fields.items()
        if name.startswith(start) and not _is_below_another(name, fields)
    ]


def _is_below_another(name: str, fields: Fields) -> bool:
    """Whether a field stands in the way: `topic` is a text, so `topic.code` is no part of it."""
    parts = name.split(".")
    return any(".".join(parts[:length]) in fields for length in range(1, len(parts)))


def _bare(
    paths: Sequence[Path], catalog: Catalog
) -> dict[Keys, tuple[FieldInfo | None, FieldInfo | None]]:
    ours = {leaf.keys: leaf.info for leaf in leaves(paths, catalog.contact)} if paths else {}
    theirs = {leaf.keys: leaf.info for leaf in leaves(paths, catalog.account)} if paths else {}
    every = sorted({**ours, **theirs}, key=len)
    return {keys: (ours.get(keys), theirs.get(keys)) for keys in every}


def properties(paths: Sequence[Path], fields: Fields, *, many: bool) -> Properties:
    """What is read of each event or record. `many`: the paths begin at a list of them."""
    inner = [_element(path) for path in paths] if many else list(paths)
    deeper = [path for path in inner if path]
    beyond = [
        path for path in deeper if all(leaf.keys != path for leaf in _leaves_of(path, fields))
    ]
    rest = {".".join(path[:length]) for path in beyond for length in range(1, len(path) + 1)}
    return Properties(leaves(inner, fields), frozenset(rest) if deeper else None)


def _element(path: Path) -> Path:
    """A path that begins at a list as one that begins at an element of it."""
    if not path:
        return ()
    if path[0] in _POSITIONS or path[0].lstrip("-").isdigit():
        return path[1:]
    return () if path == ("size",) else path


def columns_of(leaves: Iterable[Leaf]) -> Collection[FieldInfo]:
    """The different fields of leaves."""
    return {leaf.info.column: leaf.info for leaf in leaves}.values()
