"""What commands ask about what is in force: the folder's own records, or the running server."""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import quote

import msgspec

from lettershop.access.audit import LOCAL
from lettershop.app import records
from lettershop.app.candidates import folder_files
from lettershop.app.pinning import Pinboard
from lettershop.app.plans import (
    Applied,
    DraftText,
    InForceAnswer,
    PinAnswer,
    Plan,
    VersionAnswer,
)
from lettershop.app.proving import ProofAnswer, proof
from lettershop.app.publishing import SAMPLE, Publisher
from lettershop.app.shop import LocalShop
from lettershop.app.template_answers import (
    TemplateFiles,
    TemplateInForce,
    TemplateVersionAnswer,
    template_version,
    template_versions,
    templates_in_force,
)
from lettershop.cli.doors import opened
from lettershop.cli.remote import RemoteShop
from lettershop.content.folder import CONTENT, template_files
from lettershop.model.clock import format_instant
from lettershop.model.errors import UsageError
from lettershop.segments.reading import bad_name

Answer = TypeVar("Answer")


class Register(Protocol):
    """What is in force. Errors are those of `Publisher`, `Pinboard` and `proof`."""

    def plan(self, *, prune: bool = False, sample: int = SAMPLE) -> Plan: ...
    def apply(
        self,
        *,
        prune: bool = False,
        allow_size: Collection[str] = (),
        revision: int | None = None,
        fingerprint: str | None = None,
        note: str = "",
    ) -> Applied: ...
    def in_force(self) -> Sequence[InForceAnswer]: ...
    def versions(self, name: str) -> Sequence[VersionAnswer]: ...
    def draft(self, name: str, said: DraftText) -> VersionAnswer: ...
    def discard(self, name: str, number: int) -> VersionAnswer: ...
    def difference(self, name: str, number: int, sample: int = SAMPLE) -> Plan: ...
    def publish(
        self,
        name: str,
        number: int,
        *,
        allow_size: Collection[str] = (),
        revision: int | None = None,
        note: str = "",
    ) -> Applied: ...
    def remove(self, name: str) -> Applied: ...
    def pins(self, segment: str | None = None, *, ended: bool = False) -> Sequence[PinAnswer]: ...
    def pin(
        self, segment: str, who: str, reason: str, *, include: bool, expires_at: int | None = None
    ) -> PinAnswer: ...
    def unpin(self, number: int) -> PinAnswer: ...
    def proof(self, name: str, as_of: int | None) -> ProofAnswer: ...
    def templates(self) -> Sequence[TemplateInForce]: ...
    def template_versions(self, name: str) -> Sequence[TemplateVersionAnswer]: ...
    def template_version(self, name: str, number: int) -> TemplateFiles: ...


@contextmanager
def opened_register(workspace: Path | None, *, as_json: bool) -> Iterator[Register]:
    """The register of a command's workspace, its records brought up to date."""
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        match shop:
            case RemoteShop():
                yield RemoteRegister(shop)
            case LocalShop():
                records.connect(shop.path, shop.workspace.settings)
                try:
                    records.migrate()
                    yield LocalRegister(shop.workspace, LOCAL)
                finally:
                    records.disconnect()
            case _:
                raise TypeError(f"no register is known of {type(shop).__name__}")


class LocalRegister(Publisher, Pinboard):
    """Of a workspace that is open in this process."""

    def proof(self, name: str, as_of: int | None) -> ProofAnswer:
        return proof(self.workspace, name, as_of)

    def templates(self) -> Sequence[TemplateInForce]:
        return templates_in_force()

    def template_versions(self, name: str) -> Sequence[TemplateVersionAnswer]:
        return template_versions(name)

    def template_version(self, name: str, number: int) -> TemplateFiles:
        return template_version(name, number)


class _Versions(msgspec.Struct):
    items: list[VersionAnswer]


class _InForce(msgspec.Struct):
    items: list[InForceAnswer]


class _Pins(msgspec.Struct):
    items: list[PinAnswer]


class _Templates(msgspec.Struct):
    items: list[TemplateInForce]


class _TemplateVersions(msgspec.Struct):
    items: list[TemplateVersionAnswer]


class RemoteRegister:
    """Of a workspace that a server has open; the folder is read here."""

    def __init__(self, shop: RemoteShop) -> None:
        self._shop = shop

    def plan(self, *, prune: bool = False, sample: int = SAMPLE) -> Plan:
        body = self._folders() | {"prune": prune, "sample": sample}
        return self._send("/definitions/plan", Plan, body)

    def apply(
        self,
        *,
        prune: bool = False,
        allow_size: Collection[str] = (),
        revision: int | None = None,
        fingerprint: str | None = None,
        note: str = "",
    ) -> Applied:
        body = self._folders() | {
            "prune": prune,
            "allow_size": list(allow_size),
            "revision": revision,
            "fingerprint": fingerprint,
            "note": note,
        }
        return self._send("/definitions/apply", Applied, body)

    def in_force(self) -> Sequence[InForceAnswer]:
        return self._shop.ask("GET", "/published", _InForce).items

    def versions(self, name: str) -> Sequence[VersionAnswer]:
        return self._shop.ask("GET", f"{_segment(name)}/versions", _Versions).items

    def draft(self, name: str, said: DraftText) -> VersionAnswer:
        return self._send(f"{_segment(name)}/versions", VersionAnswer, said)

    def discard(self, name: str, number: int) -> VersionAnswer:
        return self._shop.ask("DELETE", f"{_segment(name)}/versions/{number}", VersionAnswer)

    def difference(self, name: str, number: int, sample: int = SAMPLE) -> Plan:
        path = f"{_segment(name)}/versions/{number}/diff"
        return self._shop.ask("GET", path, Plan, params={"sample": sample})

    def publish(
        self,
        name: str,
        number: int,
        *,
        allow_size: Collection[str] = (),
        revision: int | None = None,
        note: str = "",
    ) -> Applied:
        body = {"allow_size": list(allow_size), "revision": revision, "note": note}
        return self._send(f"{_segment(name)}/versions/{number}/publish", Applied, body)

    def remove(self, name: str) -> Applied:
        return self._shop.ask("DELETE", _segment(name), Applied)

    def pins(self, segment: str | None = None, *, ended: bool = False) -> Sequence[PinAnswer]:
        path = "/pins" if segment is None else f"{_segment(segment)}/pins"
        return self._shop.ask("GET", path, _Pins, params={"ended": ended}).items

    def pin(
        self, segment: str, who: str, reason: str, *, include: bool, expires_at: int | None = None
    ) -> PinAnswer:
        expires = "" if expires_at is None else format_instant(expires_at)
        body = {"who": who, "reason": reason, "include": include, "expires": expires}
        return self._send(f"{_segment(segment)}/pins", PinAnswer, body)

    def unpin(self, number: int) -> PinAnswer:
        return self._shop.ask("DELETE", f"/pins/{number}", PinAnswer)

    def proof(self, name: str, as_of: int | None) -> ProofAnswer:
        params = {} if as_of is None else {"as_of": format_instant(as_of)}
        return self._shop.ask(
            "GET", f"/partitions/{_quoted(name)}/proof", ProofAnswer, params=params
        )

    def templates(self) -> Sequence[TemplateInForce]:
        return self._shop.ask("GET", "/content", _Templates).items

    def template_versions(self, name: str) -> Sequence[TemplateVersionAnswer]:
        return self._shop.ask("GET", f"{_template(name)}/versions", _TemplateVersions).items

    def template_version(self, name: str, number: int) -> TemplateFiles:
        return self._shop.ask("GET", f"{_template(name)}/versions/{number}", TemplateFiles)

    def _folders(self) -> dict[str, object]:
        path = self._shop.path
        return {"files": folder_files(path), "content": template_files(path / CONTENT)}

    def _send(self, path: str, kind: type[Answer], body: object) -> Answer:
        return self._shop.ask("POST", path, kind, content=msgspec.json.encode(body))


def _segment(name: str) -> str:
    return f"/segments/{_quoted(name)}"


def _template(name: str) -> str:
    return f"/content/{_quoted(name)}"


def _quoted(name: str) -> str:
    problem = bad_name(name)
    if problem:
        raise UsageError("definition.name", f"a name {problem}", where="name")
    return quote(name, safe="")
