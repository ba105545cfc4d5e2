"""What is known about providers: `knowledge/providers.toml`, and what a workspace changes."""

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final, Literal

import msgspec

from lettershop.delivery.wire import Reply
from lettershop.model.errors import InputError

FILE: Final = "providers.toml"
_HINT: Final = (
    "the words are explained at the top of the packaged list and in docs/how-to/send-out.md"
)


class ReplyRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to do when a provider says something; durations as `30s`, `10m`, `4h`."""

    match: str
    pause: str
    connections: int
    grow: str
    example: str = ""


class Delay(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    match: str
    unit: Literal["s", "m", "h"] = "s"
    example: str
    seconds: int


class Provider(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`per_minute` 0: as many as go."""

    label: str = ""
    mx: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    gateway: bool = False
    connections: int = 1
    messages: int = 1
    per_minute: int = 0
    encryption: Literal["opportunistic", "required"] = "opportunistic"
    source: str = ""
    reply: tuple[ReplyRule, ...] = ()


class Plan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    label: str
    days: tuple[int, ...]


class Knowledge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`usual`: of a provider nobody has described; `smart_host`: of the pool ""."""

    usual: Provider
    smart_host: Provider
    provider: dict[str, Provider]
    reply: tuple[ReplyRule, ...]
    delay: tuple[Delay, ...]
    plan: dict[str, Plan]

    def of(self, pool: str) -> Provider:
        return self.smart_host if pool == "" else self.provider.get(pool, self.usual)

    def rules(self, pool: str) -> Sequence[ReplyRule]:
        """In the order they are asked."""
        return (*self.of(pool).reply, *self.reply)


@cache
def packaged() -> Knowledge:
    return _read(_packaged_tables(), FILE)


def of_workspace(folder: Path) -> Knowledge:
    """The packaged list with what the workspace's own `providers.toml` says otherwise. InputError
    `providers.file`."""
    path = folder / FILE
    try:
        own = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return packaged()
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError("providers.file", str(error), where=FILE, hint=_HINT) from None
    return _read(_merged(_packaged_tables(), own), FILE)


def sentence(reply: Reply) -> str:
    """A reply as rules see it."""
    return " ".join(f"{reply.code} {reply.status} {reply.text}".split())


def _packaged_tables() -> dict[str, Any]:
    file = resources.files(__package__) / "knowledge" / FILE
    return tomllib.loads(file.read_text("utf-8"))


def _read(tables: Mapping[str, Any], where: str) -> Knowledge:
    """Providers say only what differs from the usual."""
    try:
        usual = tables["usual"]
        complete = {name: usual | table for name, table in tables["provider"].items()}
        return msgspec.convert({**tables, "provider": complete}, Knowledge)
    except (msgspec.ValidationError, TypeError, AttributeError) as error:
        raise InputError("providers.file", str(error), where=where, hint=_HINT) from None


def _merged(tables: dict[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Own words replace packaged ones; own replies and delays are asked first."""
    merged = dict(tables)
    for name, said in own.items():
        known = merged.get(name)
        if isinstance(known, list) and isinstance(said, list):
            merged[name] = [*said, *known]
        elif isinstance(known, dict) and isinstance(said, dict):
            merged[name] = _merged(known, said)
        else:
            merged[name] = said
    return merged
