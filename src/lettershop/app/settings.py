"""Reading the settings: `lettershop.toml`, then the environment, which wins."""

import ast
import inspect
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Set
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import msgspec
from rapidfuzz import process

from lettershop.model import settings as described
from lettershop.model.errors import InputError
from lettershop.model.settings import Settings

FILE = "lettershop.toml"
PREFIX = "LETTERSHOP_"
ALMOST = 85
"""How alike (0–100) a foreign LETTERSHOP_… variable must be to be taken for a slip of the pen."""

_MEMORY = re.compile(r"\d+(\.\d+)? ?([KMGT]i?)?B", re.IGNORECASE)


class Setting(msgspec.Struct, frozen=True):
    name: str
    type: str
    default: object
    sentence: str


@cache
def all_settings() -> tuple[Setting, ...]:
    """Each setting with the sentence that follows it in `model/settings.py`."""
    return tuple(_described())


@cache
def zones() -> Set[str]:
    """Time zones there are; to look for them takes as long as to open a small workspace."""
    return available_timezones()


def _described() -> Iterator[Setting]:
    body = ast.parse(inspect.getsource(described)).body
    struct = next(s for s in body if isinstance(s, ast.ClassDef) and s.name == "Settings")
    sentences = {
        line.target.id: ast.literal_eval(after.value)
        for line, after in zip(struct.body, struct.body[1:], strict=False)
        if isinstance(line, ast.AnnAssign)
        and isinstance(line.target, ast.Name)
        and isinstance(after, ast.Expr)
    }
    for field in msgspec.structs.fields(Settings):
        kind = field.type.__name__ if isinstance(field.type, type) else "list of str"
        sentence = inspect.cleandoc(sentences.get(field.name, "")).replace("\n", " ")
        yield Setting(field.name, kind, field.default, sentence)


def template() -> str:
    """A fresh `lettershop.toml`: everything there is, commented out at its default."""
    lines = [
        "# Settings of this Lettershop workspace. Remove a “#” to change a value; each can also",
        f"# come from the environment, as {PREFIX}TIMEZONE and so on.",
    ]
    for setting in all_settings():
        default = json.dumps(setting.default, ensure_ascii=False)
        lines += ["", f"# {setting.sentence}", f"# {setting.name} = {default}"]
    return "\n".join(lines) + "\n"


def read_settings(folder: Path, environ: Mapping[str, str]) -> Settings:
    """The settings of a workspace folder. InputError for what is unknown or does not fit."""
    try:
        text = (folder / FILE).read_text("utf-8")
    except UnicodeDecodeError as error:
        raise InputError("settings.toml", f"is not valid TOML: {error}", where=FILE) from None
    return settings_of(text, environ)


def said_in(text: str) -> dict[str, Any]:
    """What a `lettershop.toml` says, unjudged. InputError when it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError("settings.toml", f"is not valid TOML: {error}", where=FILE) from None


def settings_of(text: str, environ: Mapping[str, str]) -> Settings:
    """The settings by the text of a `lettershop.toml` and the environment. InputError."""
    values = said_in(text)
    known = [setting.name for setting in all_settings()]
    for key in values:
        if key not in known:
            raise _unknown(key, known, FILE)
    values |= _from_environment(environ, known)
    try:
        settings = msgspec.convert(values, Settings)
    except msgspec.ValidationError as error:
        raise InputError("settings.type", f"a setting does not fit: {error}", where=FILE) from None
    _judge(settings)
    return settings


def _from_environment(environ: Mapping[str, str], known: list[str]) -> dict[str, Any]:
    types = {setting.name: setting.type for setting in all_settings()}
    values: dict[str, Any] = {}
    for variable, text in environ.items():
        name = variable.removeprefix(PREFIX).lower()
        if not variable.startswith(PREFIX):
            continue
        if name in types:
            values[name] = _read(text, types[name], variable)
        elif process.extractOne(name, known, score_cutoff=ALMOST):
            raise _unknown(name, known, variable)
    return values


def _read(text: str, kind: str, variable: str) -> object:
    match kind:
        case "int" | "bool":
            try:
                return msgspec.convert(text.strip(), {"int": int, "bool": bool}[kind], strict=False)
            except msgspec.ValidationError:
                said = "true or false" if kind == "bool" else "a whole number"
                message = f"“{text}” is not {said}"
                raise InputError("settings.type", message, where=variable) from None
        case "str":
            return text
        case _:
            return [part.strip() for part in text.split(",")]


def _unknown(name: str, known: list[str], where: str) -> InputError:
    near = process.extractOne(name, known, score_cutoff=50)
    hint = f"did you mean “{near[0]}”?" if near else f"known are {', '.join(known)}"
    return InputError("settings.unknown", f"unknown setting “{name}”", where=where, hint=hint)


def _judge(settings: Settings) -> None:
    if settings.timezone not in zones():
        near = process.extractOne(settings.timezone, zones(), score_cutoff=50)
        hint = f"did you mean “{near[0]}”?" if near else "an IANA name such as Europe/Berlin"
        message = f"“{settings.timezone}” is not a time zone"
        raise InputError("settings.timezone", message, where=FILE, hint=hint)
    if not _MEMORY.fullmatch(settings.memory_limit.strip()):
        message = f"“{settings.memory_limit}” is not an amount of memory"
        raise InputError("settings.memory", message, where=FILE, hint='write "2GB" or "512MB"')
