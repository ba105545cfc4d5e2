"""Letters: what is wrong with templates, a letter as one contact gets it, and proofs."""

from typing import Annotated, Any

import msgspec
from django.http import HttpRequest
from ninja import Path, Query, Router

from lettershop.app.letters import Letters, Preview
from lettershop.app.proofs import Asked
from lettershop.app.running import running
from lettershop.app.seeds import TestSent, send_test
from lettershop.app.workspace import Workspace
from lettershop.content.proof import records
from lettershop.content.proof.golden.keeping import LeftOut
from lettershop.content.proof.records import Locked
from lettershop.content.proof.said import LetterProofAnswer
from lettershop.content.values.report import TemplateReport
from lettershop.model.errors import AccessError, Finding
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import read_body
from lettershop.web.api.moment import AsOf, moment
from lettershop.web.api.operations import operation

router = Router()
CONTENT = "content"

Number = Annotated[int, Path(ge=0, le=2**31 - 1, description="the number of a proof")]
Segment = Annotated[str, Query(min_length=1, max_length=100, description="the audience's name")]
Name = Annotated[str, Query(max_length=100, description="a template; without it, all")]
Text = Annotated[str, msgspec.Meta(max_length=2_000)]


class Findings(msgspec.Struct, frozen=True):
    items: list[Finding]


class PreviewOf(msgspec.Struct, frozen=True, kw_only=True):
    """`who`: user id, address or identity of a contact. `account`: the one the letter speaks of.
    `segment`: as in a letter to that segment. `language`: instead of the contact's own. `data`:
    the values that a program would give a transactional message."""

    who: Text
    account: Text = ""
    segment: Text = ""
    language: Text = ""
    as_of: str = ""
    data: dict[str, Any] = {}


class TestOf(PreviewOf, frozen=True, kw_only=True):
    """`to`: some of the seeds; without it, all of them."""

    to: tuple[Text, ...] = ()


class TestsSent(msgspec.Struct, frozen=True):
    items: list[TestSent]


class ProofOf(msgspec.Struct, frozen=True, kw_only=True):
    """`segment`: to whom. `keep`: write golden files into the workspace (commands of the server's
    own machine only). `data`: as of a preview, the same for everybody."""

    segment: Text
    as_of: str = ""
    keep: bool = False
    data: dict[str, Any] = {}


class Accepted(msgspec.Struct, frozen=True, kw_only=True):
    """`key`: of a finding, or the id of a class."""

    key: Text
    reason: Text


class Withdrawn(msgspec.Struct, frozen=True):
    key: Text


class ProofList(msgspec.Struct, frozen=True):
    items: list[LetterProofAnswer]


class KeptLetter(msgspec.Struct, frozen=True, kw_only=True):
    """A class of a proof: kept as golden files, or (`reason`) left out."""

    id: str
    count: int
    reason: str = ""


class KeptLetters(msgspec.Struct, frozen=True):
    items: list[KeptLetter]


class LockAnswer(msgspec.Struct, frozen=True):
    """`locked` null: letters may be sent."""

    locked: Locked | None


@operation(router, "GET", "/content/check", answer=Findings, tag=CONTENT)
def check_templates(request: HttpRequest, name: Name = "") -> Findings:
    """Everything that is wrong with the templates of the workspace's folder."""
    with running().engine.read() as workspace:
        return Findings(_letters(request, workspace).check(name or None))


@operation(
    router, "POST", "/content/{path:name}/preview", answer=Preview, body=PreviewOf, tag=CONTENT
)
def preview_letter(request: HttpRequest, name: str) -> Preview:
    """A letter as one contact would get it now; nothing is sent."""
    asked = read_body(request, PreviewOf)
    with running().engine.read() as workspace:
        return _previewed(_letters(request, workspace), name, asked)


@operation(router, "POST", "/content/{path:name}/test", answer=TestsSent, body=TestOf, tag=CONTENT)
def send_test_letter(request: HttpRequest, name: str) -> TestsSent:
    """Send a letter as one contact would get it to seeds: our own people."""
    asked = read_body(request, TestOf)
    with running().engine.read() as workspace:
        letters = _letters(request, workspace)
        return TestsSent(send_test(letters, _previewed(letters, name, asked), asked.to))


@operation(router, "GET", "/content/{path:name}/report", answer=TemplateReport, tag=CONTENT)
def report_template(
    request: HttpRequest, name: str, segment: Segment, as_of: AsOf = ""
) -> TemplateReport:
    """Of each variable of a letter, how many of a segment have it from where, and how many not."""
    with running().engine.read() as workspace:
        return _letters(request, workspace).report(name, segment, moment(as_of))


@operation(router, "GET", "/content/{path:name}/lock", answer=LockAnswer, tag=CONTENT)
def template_lock(request: HttpRequest, name: str, segment: Segment) -> LockAnswer:
    """Whether a letter may be sent to a segment: it must have been proved as it is now."""
    with running().engine.read() as workspace:
        return LockAnswer(_letters(request, workspace).locked(name, segment))


@operation(
    router,
    "POST",
    "/content/{path:name}/proofs",
    answer=LetterProofAnswer,
    status=202,
    body=ProofOf,
    tag=CONTENT,
)
def start_proof(request: HttpRequest, name: str) -> LetterProofAnswer:
    """Begin to render the letter of everybody in a segment; ask `/proofs/{number}` how it goes."""
    asked, by = read_body(request, ProofOf), principal_of(request)
    if asked.keep and by.kind != "local":
        message = "golden files are written by commands on the server's machine"
        raise AccessError("access.role", message, where="keep")
    as_of = moment(asked.as_of) if asked.as_of else None
    wanted = Asked(
        template=name, segment=asked.segment, as_of=as_of, keep=asked.keep, data=asked.data
    )
    return running().proofs.start(wanted, by)


@operation(router, "GET", "/proofs", answer=ProofList, tag=CONTENT)
def list_proofs(
    request: HttpRequest,
    template: Name = "",
    limit: Annotated[int, Query(ge=1, le=200, description="how many")] = 50,
) -> ProofList:
    """Proofs, the newest first, without what they found."""
    return ProofList(list(records.proofs(running().clock.now(), template or None, limit)))


@operation(router, "GET", "/proofs/{number}", answer=LetterProofAnswer, tag=CONTENT)
def show_proof(request: HttpRequest, number: Number) -> LetterProofAnswer:
    """A proof: how far it is, or what it found."""
    return records.proof(number, running().clock.now())


@operation(router, "GET", "/proofs/{number}/kept", answer=KeptLetters, tag=CONTENT)
def kept_letters(request: HttpRequest, number: Number) -> KeptLetters:
    """Which classes of a proof were kept as golden files by this server."""
    kept = running().proofs.kept(number)
    return KeptLetters(
        [
            KeptLetter(id=one.id, count=one.count, reason=one.reason)
            if isinstance(one, LeftOut)
            else KeptLetter(id=one.id, count=0)
            for one in kept
        ]
    )


@operation(router, "POST", "/proofs/{number}/cancel", answer=LetterProofAnswer, tag=CONTENT)
def cancel_proof(request: HttpRequest, number: Number) -> LetterProofAnswer:
    """Stop a proof that is running; what it saw is kept."""
    return records.cancel(number, running().clock.now())


@operation(
    router, "POST", "/proofs/{number}/accept", answer=LetterProofAnswer, body=Accepted, tag=CONTENT
)
def accept_finding(request: HttpRequest, number: Number) -> LetterProofAnswer:
    """Say of a warning, or of all warnings of a class, that it is meant."""
    said = read_body(request, Accepted)
    with running().engine.read() as workspace:
        return _letters(request, workspace).accept(number, said.key, said.reason)


@operation(
    router,
    "POST",
    "/proofs/{number}/withdraw",
    answer=LetterProofAnswer,
    body=Withdrawn,
    tag=CONTENT,
)
def withdraw_acceptance(request: HttpRequest, number: Number) -> LetterProofAnswer:
    """Take an acceptance back."""
    said = read_body(request, Withdrawn)
    with running().engine.read() as workspace:
        return _letters(request, workspace).withdraw(number, said.key)


def _previewed(letters: Letters, name: str, asked: PreviewOf) -> Preview:
    return letters.preview(
        name,
        asked.who,
        account=asked.account or None,
        segment=asked.segment or None,
        language=asked.language or None,
        as_of=moment(asked.as_of),
        data=asked.data,
    )


def _letters(request: HttpRequest, workspace: Workspace) -> Letters:
    return Letters(workspace, principal_of(request), running().catalogs)
