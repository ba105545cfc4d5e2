"""Settings changed in lettershop.toml: comments stay, mistakes never reach the file."""

import json
import os
import re
import secrets
import threading
from collections.abc import Mapping
from typing import Any, Final

import msgspec
import tomlkit
from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.changing.files import replace
from lettershop.app.changing.judging import judge
from lettershop.app.changing.present import AT_ONCE, Present, as_text, is_secret, present
from lettershop.app.engine import Engine
from lettershop.app.settings import FILE, all_settings, said_in, settings_of
from lettershop.model.errors import InputError, UsageError
from lettershop.model.settings import Settings

_guard: Final = threading.Lock()
"""One change of the file at a time, of this process."""


class Changed(msgspec.Struct, frozen=True):
    """What was changed. `former`: what to give to `change_settings` to take it back, of settings
    that are no secrets; None: the default. `later`: hold after a restart."""

    names: tuple[str, ...]
    former: dict[str, str | None]
    later: tuple[str, ...]


def change_settings(
    engine: Engine,
    wanted: Mapping[str, str | None],
    by: Principal,
    environ: Mapping[str, str] = os.environ,
) -> Changed:
    """Write other values into the file, each as typed into a field (lists: an item per line; None:
    the default again). Audited, without secrets. All of them or none.

    UsageError `setting.fixed` for one that the environment says or only the file may; InputError
    for values that do not fit, and everything the server would not start with.
    """
    path = engine.workspace.path / FILE
    with _guard:
        known = present(engine.workspace.path, engine.workspace.settings, environ)
        text = path.read_text("utf-8")
        values = {name: _value(known, name, said) for name, said in wanted.items()}
        said = said_in(text)
        values = {name: value for name, value in values.items() if _differs(said, name, value)}
        if not values:
            return Changed((), {}, ())
        new = changed_text(text, values)
        settings = settings_of(new, environ)
        judge(engine.workspace.path, settings)
        former = {name: said.get(name) for name in values}
        with transaction.atomic():
            _audit(by, former, values)
            replace(path, new)
        _settle(engine, settings, values)
    later = tuple(name for name in values if name not in AT_ONCE)
    kept = {n: None if v is None else as_text(v) for n, v in former.items() if not is_secret(n)}
    return Changed(tuple(values), kept, later)


def changed_text(text: str, values: Mapping[str, Any]) -> str:
    """The TOML with other values, None for the default: where the setting stands commented out,
    there; comments and order stay."""
    for name, value in values.items():
        text = _set(text, name, value) if value is not None else _unset(text, name)
    return text


def _set(text: str, name: str, value: Any) -> str:
    if name not in said_in(text):
        place = re.search(rf"^# *{re.escape(name)} *=.*$", text, re.MULTILINE)
        line = f"{name} = {_written(value)}"
        if place:
            return text[: place.start()] + line + text[place.end() :]
        return f"{line}\n{text}" if re.search(r"^\[", text, re.MULTILINE) else _below(text, line)
    document = tomlkit.parse(text)
    document[name] = value
    return tomlkit.dumps(document)


def _below(text: str, line: str) -> str:
    return text + ("" if text.endswith("\n") or not text else "\n") + line + "\n"


def _unset(text: str, name: str) -> str:
    """Commented out, at its default; the line is found by a value that nobody writes."""
    if name not in said_in(text):
        return text
    default = next(one.default for one in all_settings() if one.name == name)
    document, mark = tomlkit.parse(text), secrets.token_hex(16)
    document[name] = mark
    line = rf"""^.*"{mark}"(.*)$"""
    commented = f"# {name} = {_written(default)}"
    return re.sub(
        line, lambda found: commented + found[1], tomlkit.dumps(document), flags=re.MULTILINE
    )


def _written(value: Any) -> str:
    """JSON, which TOML reads alike for texts, numbers, truths and lists of texts."""
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)


def _value(known: Mapping[str, Present], name: str, said: str | None) -> Any:
    """What was typed, as the file should say it."""
    setting = known.get(name)
    if setting is None or not setting.changeable:
        fixed = "is said by the environment" if setting else "is no setting"
        if setting is not None and setting.origin != "environment":
            fixed = f"can be changed in {FILE} only"
        raise UsageError("setting.fixed", f"“{name[:50]}” {fixed}", where=name[:50])
    if said is None:
        return None
    text = said.replace("\r\n", "\n").strip()
    if "\0" in text or len(text) > 20_000:
        raise InputError("settings.type", "this is not a text that fits", where=name)
    match setting.type:
        case "bool":
            return text.lower() in ("true", "on", "1", "yes")
        case "int":
            if not (text.isascii() and text.isdigit() and len(text) < 10):
                message = f"“{text[:40]}” is not a whole number"
                raise InputError("settings.type", message, where=name)
            return int(text)
        case "str":
            if "\n" in text:
                raise InputError("settings.type", f"{name} is one line", where=name)
            return text
        case _:
            return [line.strip() for line in text.split("\n") if line.strip()]


def _differs(said: Mapping[str, Any], name: str, value: Any) -> bool:
    """A default that is typed is the same as none."""
    default = getattr(Settings(), name)
    default = list(default) if isinstance(default, tuple) else default
    if value is None:
        return name in said
    return bool(said.get(name, default) != value)


def _audit(by: Principal, former: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if is_secret(name):
            audit(by, "setting.change", name)
        else:
            audit(by, "setting.change", name, before=former[name], after=value)


def _settle(engine: Engine, settings: Settings, values: Mapping[str, Any]) -> None:
    """What holds at once."""
    now = {name: getattr(settings, name) for name in values if name in AT_ONCE}
    if now:
        engine.settle(msgspec.structs.replace(engine.workspace.settings, **now))
