"""One TOML file -> its entries, with every key checked and every text still untouched."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

import msgspec
from rapidfuzz import process

from lettershop.language.definition import Default
from lettershop.language.places import Path, Places
from lettershop.language.toml_text import toml_mistake
from lettershop.model.errors import Finding, Span
from lettershop.segments.reading_defaults import CATCH_ALL, DEFAULTS, read_defaults

LIMIT = 4 * 1024 * 1024
"""Bytes; a file of definitions beyond this is somebody's mistake or mischief."""

NAME_LIMIT = 100

CHOICES = {
    "mode": ("static", "add_only", "dynamic"),
    "subject": ("contact", "account", "people"),
}
SEGMENT = ("name", "title", "description", "mode", "subject", "where", DEFAULTS)
PARTITION = (
    *("name", "title", "description", "subject", "segment"),
    *("catch_all", "catch_all_title", CATCH_ALL),
)
MEMBER = ("name", "title", "description", "where", DEFAULTS)


class Entry(msgspec.Struct, frozen=True):
    """One `[[segment]]`, `[[partition]]` or whole file: its text values and where they stand.
    `findings` are those of the file that are about this entry. `defaults`: of a partition those of
    its catch-all."""

    file: "File"
    path: Path
    values: Mapping[str, str]
    members: tuple["Entry", ...] = ()
    findings: tuple[Finding, ...] = ()
    defaults: tuple[Default, ...] = ()

    @classmethod
    def inline(cls, text: str) -> "Entry":
        """A condition that stands in no file."""
        return cls(File("", Places("")), (), {"where": text})

    def key(self, name: str) -> Span:
        return self.file.places.key((*self.path, name) if name in self.values else self.path)

    def start(self) -> int:
        """The line it begins at."""
        return self.file.places.key(self.path).line

    def finding(self, code: str, message: str, key: str = "name", hint: str = "") -> Finding:
        return Finding(code, message, hint=hint, span=self.key(key), source=self.file.source)


class File(msgspec.Struct):
    """A file read: segments and partitions found, and what is wrong with its form."""

    source: str
    places: Places
    segments: list[Entry] = []
    partitions: list[Entry] = []
    findings: list[Finding] = []

    def say(self, code: str, message: str, path: Path, hint: str = "") -> None:
        span = self.places.key(path)
        self.findings.append(Finding(code, message, hint=hint, span=span, source=self.source))


def read_file(path: FilePath, source: str) -> File:
    """Read one file; whatever is wrong with it comes back in `findings`, nothing is raised."""
    file = File(source, Places(""))
    try:
        if path.stat().st_size > LIMIT:
            return _refuse(file, "definition.too_large", "the file is larger than 4 MB")
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except OSError as error:
        return _refuse(file, "definition.unreadable", f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start})"
        return _refuse(file, "definition.encoding", message, hint="save the file as UTF-8")
    except RecursionError:
        return _refuse(file, "definition.toml", "is nested too deeply")
    except tomllib.TOMLDecodeError as error:
        return _refuse_toml(file, str(error), text)
    file.places = Places(text)
    _entries(file, data, path.stem)
    return file


def _refuse(file: File, code: str, message: str, hint: str = "") -> File:
    file.findings.append(Finding(code, message, hint=hint, source=file.source))
    return file


def _refuse_toml(file: File, problem: str, text: str) -> File:
    said, span = toml_mistake(problem, text)
    message = f"is not valid TOML: {said}"
    hint = "text goes in quotes; a condition with quotes inside goes between ''' and '''"
    finding = Finding("definition.toml", message, hint=hint, span=span, source=file.source)
    file.findings.append(finding)
    return file


def _entries(file: File, data: Mapping[str, Any], stem: str) -> None:
    tables = {key: data[key] for key in ("segment", "partition") if key in data}
    single = {key: value for key, value in data.items() if key not in tables}
    if tables:
        for key in single:
            hint = "put it into a [[segment]] of its own" if key in SEGMENT else ""
            message = f"“{key}” stands outside of [[segment]] and [[partition]]"
            file.say("definition.outside", message, (key,), hint)
    elif not single:
        file.say("definition.empty", "the file holds no segment", (), "write where = '''…'''")
    else:
        file.segments.append(_entry(file, (), {"name": stem, **single}, SEGMENT))
    for number, table in _tables(file, tables.get("segment", []), ("segment",)):
        file.segments.append(_entry(file, ("segment", number), table, SEGMENT))
    for number, table in _tables(file, tables.get("partition", []), ("partition",)):
        file.partitions.append(_partition(file, ("partition", number), table))


def _partition(file: File, path: Path, table: Mapping[str, Any]) -> Entry:
    members = tuple(
        _entry(file, (*path, "segment", number), member, MEMBER)
        for number, member in _tables(file, table.get("segment", []), (*path, "segment"))
    )
    own = _entry(file, path, table, PARTITION)
    if not members:
        own.file.say("definition.missing", "a partition needs [[partition.segment]] tables", path)
    return msgspec.structs.replace(own, members=members)


def _tables(file: File, value: object, path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    name = ".".join(str(part) for part in path if isinstance(part, str))
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        file.say("definition.wrong_type", f"“{name}” is not a list of tables", path, f"[[{name}]]")
        return
    yield from enumerate(value)


def _entry(file: File, path: Path, table: Mapping[str, Any], keys: tuple[str, ...]) -> Entry:
    values = {}
    defaults: tuple[Default, ...] = ()
    before = len(file.findings)
    for key, value in table.items():
        if key not in keys:
            near = process.extractOne(key, keys, score_cutoff=60)
            hint = f"did you mean “{near[0]}”?" if near else f"known are {', '.join(keys)}"
            file.say("definition.unknown_key", f"unknown key “{key}”", (*path, key), hint)
        elif key in (DEFAULTS, CATCH_ALL):
            defaults, wrong = read_defaults(value)
            for code, message, name, hint in wrong:
                file.say(code, message, (*path, key, *name), hint)
        elif key != "segment":
            if isinstance(value, str):
                values[key] = value
            else:
                message = f"“{key}” is a text, so it stands in quotes"
                file.say("definition.wrong_type", message, (*path, key))
    _require(file, path, values, table, keys)
    found = tuple(file.findings[before:])
    return Entry(file, path, values, findings=found, defaults=defaults)


def _require(
    file: File, path: Path, values: dict[str, str], table: Mapping[str, Any], keys: tuple[str, ...]
) -> None:
    """Needed keys are there, choices are among the choices, names are names."""
    for key in ("name", "where", "catch_all"):
        if key in keys and key not in table:
            message = f"“{key}” is missing"
            file.say("definition.missing", message, path)
    for key, choices in CHOICES.items():
        if key in values and values[key] not in choices:
            near = process.extractOne(values.pop(key), choices, score_cutoff=60)
            hint = f"did you mean “{near[0]}”?" if near else ""
            message = f"“{key}” is one of {', '.join(choices)}"
            file.say("definition.unknown_value", message, (*path, key), hint)
    for key in ("name", "catch_all"):
        name = values.get(key)
        if name is not None and (problem := bad_name(name)):
            file.say("definition.name", f"a name {problem}", (*path, key), "short-names-like-this")
            del values[key]


def bad_name(name: str) -> str:
    if not name.strip() or name != name.strip():
        return "cannot be blank nor begin or end with a space"
    if len(name) > NAME_LIMIT:
        return f"has at most {NAME_LIMIT} characters"
    return "" if name.isprintable() else "is one line of printable characters"
