"""What commands ask about letters: of the folder opened here, or of the running server."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

import msgspec

from lettershop.access.audit import LOCAL
from lettershop.app import records
from lettershop.app.golden_letters import write_golden
from lettershop.app.letters import Letters, Preview
from lettershop.app.seeds import TestSent, send_test
from lettershop.app.shop import LocalShop
from lettershop.cli.doors import opened
from lettershop.cli.remote import RemoteShop
from lettershop.content.proof.golden.files import Golden
from lettershop.content.proof.golden.keeping import LeftOut
from lettershop.content.proof.said import LetterProofAnswer
from lettershop.content.values.report import TemplateReport
from lettershop.model.clock import format_instant
from lettershop.model.errors import Finding

Answer = TypeVar("Answer")
POLL = 0.1, 1.0
"""Seconds between two looks at a proof: at first, and at most."""

Begun = Callable[[int], None]
"""Told how many letters there are."""
Told = Callable[[int], None]
Stopped = Callable[[], bool]


class Whose(msgspec.Struct, frozen=True, kw_only=True):
    """Whose letter is looked at: `Letters.preview` says what each means."""

    who: str
    account: str | None = None
    segment: str | None = None
    language: str | None = None
    as_of: int | None = None
    data: Mapping[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        """As the API wants it."""
        said = {key: value for key, value in msgspec.structs.asdict(self).items() if value}
        return said | ({"as_of": format_instant(self.as_of)} if self.as_of else {})


class Kept(msgspec.Struct, frozen=True):
    """Classes kept as golden files, and those left out: id to reason."""

    ids: tuple[str, ...]
    left_out: tuple[tuple[str, str], ...]


class Desk(Protocol):
    """Errors are those of `Letters`."""

    def check(self, name: str | None = None) -> Sequence[Finding]: ...
    def shown(self, name: str, whose: Whose) -> Preview: ...
    def send_test(self, name: str, whose: Whose, to: Sequence[str]) -> Sequence[TestSent]: ...
    def report(self, name: str, segment: str, as_of: int | None = None) -> TemplateReport: ...
    def prove_letters(
        self,
        name: str,
        segment: str,
        *,
        as_of: int | None,
        keep: bool,
        data: Mapping[str, Any] | None,
        begun: Begun,
        progress: Told,
        stopped: Stopped,
    ) -> tuple[LetterProofAnswer, Kept | None]: ...
    def proofs(self, name: str | None = None, limit: int = 50) -> Sequence[LetterProofAnswer]: ...
    def proof(self, number: int) -> LetterProofAnswer: ...
    def accept(self, number: int, key: str, reason: str) -> LetterProofAnswer: ...
    def withdraw(self, number: int, key: str) -> LetterProofAnswer: ...


@contextmanager
def opened_letters(workspace: Path | None, *, as_json: bool) -> Iterator[Desk]:
    """The letters of a command's workspace, its records brought up to date."""
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        match shop:
            case RemoteShop():
                yield RemoteLetters(shop)
            case LocalShop():
                records.connect(shop.path, shop.workspace.settings)
                try:
                    records.migrate()
                    with shop.workspace.store.snapshot():
                        yield LocalLetters(shop.workspace, LOCAL)
                finally:
                    records.disconnect()
            case _:
                raise TypeError(f"no letters are known of {type(shop).__name__}")


class LocalLetters(Letters):
    """Of a workspace that is open in this process."""

    def shown(self, name: str, whose: Whose) -> Preview:
        return self.preview(name, **msgspec.structs.asdict(whose))

    def send_test(self, name: str, whose: Whose, to: Sequence[str]) -> Sequence[TestSent]:
        return send_test(self, self.shown(name, whose), to)

    def prove_letters(
        self,
        name: str,
        segment: str,
        *,
        as_of: int | None,
        keep: bool,
        data: Mapping[str, Any] | None,
        begun: Begun,
        progress: Told,
        stopped: Stopped,
    ) -> tuple[LetterProofAnswer, Kept | None]:
        answer, proof = self.prove(
            name,
            segment,
            as_of=as_of,
            begun=lambda number, total: begun(total),
            progress=progress,
            cancelled=stopped,
            data=data,
        )
        return answer, _kept(write_golden(self, name, proof)) if keep else None


class _Findings(msgspec.Struct):
    items: list[Finding]


class _TestsSent(msgspec.Struct):
    items: list[TestSent]


class _Proofs(msgspec.Struct):
    items: list[LetterProofAnswer]


class _KeptLetter(msgspec.Struct):
    id: str
    count: int
    reason: str = ""


class _KeptLetters(msgspec.Struct):
    items: list[_KeptLetter]


class RemoteLetters:
    """Of a workspace that a server has open."""

    def __init__(self, shop: RemoteShop) -> None:
        self._shop = shop

    def check(self, name: str | None = None) -> Sequence[Finding]:
        asked = {"name": name} if name else {}
        return self._shop.ask("GET", "/content/check", _Findings, params=asked).items

    def shown(self, name: str, whose: Whose) -> Preview:
        return self._send(f"{_template(name)}/preview", Preview, whose.body())

    def send_test(self, name: str, whose: Whose, to: Sequence[str]) -> Sequence[TestSent]:
        body = whose.body() | {"to": list(to)}
        return self._send(f"{_template(name)}/test", _TestsSent, body).items

    def report(self, name: str, segment: str, as_of: int | None = None) -> TemplateReport:
        asked = {"segment": segment} | ({"as_of": format_instant(as_of)} if as_of else {})
        return self._shop.ask("GET", f"{_template(name)}/report", TemplateReport, params=asked)

    def prove_letters(
        self,
        name: str,
        segment: str,
        *,
        as_of: int | None,
        keep: bool,
        data: Mapping[str, Any] | None,
        begun: Begun,
        progress: Told,
        stopped: Stopped,
    ) -> tuple[LetterProofAnswer, Kept | None]:
        body: dict[str, Any] = {"segment": segment, "keep": keep, "data": data or {}}
        if as_of is not None:
            body["as_of"] = format_instant(as_of)
        answer = self._send(f"{_template(name)}/proofs", LetterProofAnswer, body)
        begun(answer.total)
        answer = self._finished(answer, progress, stopped)
        return answer, self._kept(answer.id) if keep else None

    def _finished(
        self, answer: LetterProofAnswer, progress: Told, stopped: Stopped
    ) -> LetterProofAnswer:
        (pause, most), asked = POLL, False
        while answer.state == "running":
            if stopped() and not asked:
                self._send(f"/proofs/{answer.id}/cancel", LetterProofAnswer, {})
                asked = True
            time.sleep(pause)
            pause = min(most, pause * 1.5)
            answer = self.proof(answer.id)
            progress(answer.done)
        return answer

    def _kept(self, number: int) -> Kept:
        found = self._shop.ask("GET", f"/proofs/{number}/kept", _KeptLetters).items
        left_out = tuple((one.id, one.reason) for one in found if one.reason)
        return Kept(tuple(one.id for one in found if not one.reason), left_out)

    def proofs(self, name: str | None = None, limit: int = 50) -> Sequence[LetterProofAnswer]:
        asked = {"limit": limit} | ({"template": name} if name else {})
        return self._shop.ask("GET", "/proofs", _Proofs, params=asked).items

    def proof(self, number: int) -> LetterProofAnswer:
        return self._shop.ask("GET", f"/proofs/{number}", LetterProofAnswer)

    def accept(self, number: int, key: str, reason: str) -> LetterProofAnswer:
        body = {"key": key, "reason": reason}
        return self._send(f"/proofs/{number}/accept", LetterProofAnswer, body)

    def withdraw(self, number: int, key: str) -> LetterProofAnswer:
        return self._send(f"/proofs/{number}/withdraw", LetterProofAnswer, {"key": key})

    def _send(self, path: str, kind: type[Answer], body: object) -> Answer:
        return self._shop.ask("POST", path, kind, content=msgspec.json.encode(body))


def _kept(found: Sequence[Golden | LeftOut]) -> Kept:
    return Kept(
        tuple(one.id for one in found if isinstance(one, Golden)),
        tuple((one.id, one.reason) for one in found if isinstance(one, LeftOut)),
    )


def _template(name: str) -> str:
    return f"/content/{quote(name, safe='/')}"
