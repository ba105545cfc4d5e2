"""Every setting as it is: its value, where it comes from, and what may be done about it."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import msgspec

from lettershop.app.settings import FILE, PREFIX, all_settings, said_in, settings_of
from lettershop.model.settings import Settings

Origin = Literal["default", "file", "environment"]

AT_ONCE: Final = frozenset(
    {
        "postal_address",
        "seeds",
        "second_approval",
        "proof_hours",
        "size_guard",
        "webhook_hosts",
        "silence_factor",
        "silence_hours",
    }
)
"""Asked for whenever they are needed, by the server's own process alone; all others are built into
something at its start."""
FILE_ONLY: Final = frozenset({"records", "host", "port"})
"""Whoever changes these wrongly from a page cannot come back to it."""
HIDDEN: Final = frozenset({"hook_sendgrid", "hook_postmark", "hook_mailgun"})
"""Secrets as a whole; of addresses (`ADDRESSES`) only user and password are."""
ADDRESSES: Final = frozenset({"records", "smtp", "imap"})


class Present(msgspec.Struct, frozen=True, kw_only=True):
    """A setting. `value`: what the server works with; `written`: what the file says, as text for a
    field, "" for nothing and for secrets; `waits`: another value holds after a restart. Of a secret
    `value` is only whether there is one (text) or its harmless part."""

    name: str
    type: str
    sentence: str
    default: str
    value: str
    written: str
    origin: Origin
    secret: bool
    changeable: bool
    at_once: bool
    waits: bool


def is_secret(name: str) -> bool:
    return name in HIDDEN or name in ADDRESSES


def present(
    folder: Path, running: Settings, environ: Mapping[str, str] = os.environ
) -> dict[str, Present]:
    """All of them by name, in the order of `model/settings.py`. InputError for a file that cannot
    be read (any more)."""
    text = (folder / FILE).read_text("utf-8", errors="replace")
    said, coming = said_in(text), settings_of(text, environ)
    return {
        setting.name: _one(setting, said, coming, running, environ) for setting in all_settings()
    }


def _one(
    setting: Any,
    said: Mapping[str, Any],
    coming: Settings,
    running: Settings,
    environ: Mapping[str, str],
) -> Present:
    name: str = setting.name
    origin: Origin = "file" if name in said else "default"
    if any(variable.upper() == PREFIX + name.upper() for variable in environ):
        origin = "environment"
    now, next_ = getattr(running, name), getattr(coming, name)
    secret = is_secret(name)
    return Present(
        name=name,
        type=setting.type,
        sentence=setting.sentence,
        default=as_text(setting.default),
        value=_harmless(name, now) if secret else as_text(now),
        written="" if secret else as_text(next_ if origin == "file" else setting.default),
        origin=origin,
        secret=secret,
        changeable=origin != "environment" and name not in FILE_ONLY,
        at_once=name in AT_ONCE,
        waits=now != next_ and name not in ("host", "port"),
    )


def as_text(value: object) -> str:
    """As it is typed into a field: lists one item per line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple | list):
        return "\n".join(map(str, value))
    return str(value)


def waiting(settings: Iterable[Present]) -> list[str]:
    """Names of those that another value waits for."""
    return [one.name for one in settings if one.waits]


def _harmless(name: str, value: str) -> str:
    """What of a secret may be shown: where an address leads, of others that they are there."""
    if not value or name in HIDDEN:
        return "…" if value else ""
    try:
        parts = urlsplit(value)
        host = parts.netloc.rpartition("@")[2]
        user = "…@" if "@" in parts.netloc else ""
    except ValueError:
        return "…"
    return f"{parts.scheme}://{user}{host}{parts.path}" if parts.scheme and host else "…"
