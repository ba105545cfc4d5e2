"""What is in force: plans, versions, publishing, removing, and the proof of a partition."""

from typing import Annotated

import msgspec
from django.http import HttpRequest
from ninja import Path, Query, Router

from lettershop.app.plans import Applied, DraftText, InForceAnswer, Plan, VersionAnswer
from lettershop.app.proving import ProofAnswer, proof
from lettershop.app.publishing import MOST, SAMPLE, Publisher
from lettershop.app.running import running
from lettershop.web.api.auth import principal_of
from lettershop.web.api.bodies import read_body
from lettershop.web.api.moment import AsOf, moment
from lettershop.web.api.operations import operation
from lettershop.web.api.segments import router as segments_router

router = Router()
PUBLISHING = "publishing"
LARGEST = 8 * 1024 * 1024
"""Bytes of the files of a workspace; without an idempotency key, or the usual bound counts."""

Number = Annotated[int, Path(ge=0, le=2**31 - 1, description="the number of a version")]
Sample = Annotated[int, Query(ge=0, le=MOST, description="of those who enter or leave, show some")]
Note = Annotated[str, msgspec.Meta(max_length=2_000)]


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """`files`: path below segments/ to the text of each TOML file. `content`: path below content/
    to the text of each file of a template; without it templates stay as they are. `prune`: remove
    what is in force and not in these files."""

    files: dict[str, str]
    content: dict[str, str] | None = None
    prune: bool = False


class PlanOf(Folder, frozen=True, kw_only=True):
    """`sample`: how many of those who enter or leave to show. `as_of`: count as at that time;
    without it, now."""

    sample: Annotated[int, msgspec.Meta(ge=0, le=MOST)] = SAMPLE
    as_of: str = ""


class Consent(msgspec.Struct, frozen=True, kw_only=True):
    """`allow_size`: segments whose size may move further than the setting `size_guard`. `revision`:
    that of the plan somebody said yes to; anything published since then refuses this."""

    allow_size: tuple[str, ...] = ()
    revision: int | None = None
    note: Note = ""


class ApplyOf(Folder, frozen=True, kw_only=True):
    """As for a plan, with what is needed of `Consent`. `fingerprint`: that of the plan; any other
    template published since then refuses this."""

    allow_size: tuple[str, ...] = ()
    revision: int | None = None
    fingerprint: str | None = None
    note: Note = ""


class Versions(msgspec.Struct, frozen=True):
    items: tuple[VersionAnswer, ...]


class InForce(msgspec.Struct, frozen=True):
    items: tuple[InForceAnswer, ...]


@operation(router, "POST", "/definitions/plan", answer=Plan, body=PlanOf, tag=PUBLISHING)
def plan_definitions(request: HttpRequest) -> Plan:
    """What publishing a folder would change: who enters and leaves segments; which templates."""
    asked = read_body(request, PlanOf, LARGEST)
    at = moment(asked.as_of)
    with running().engine.read() as workspace:
        publisher = Publisher(workspace, principal_of(request))
        return publisher.plan(
            asked.files, asked.content, prune=asked.prune, sample=asked.sample, as_of=at
        )


@operation(router, "POST", "/definitions/apply", answer=Applied, body=ApplyOf, tag=PUBLISHING)
def apply_definitions(request: HttpRequest) -> Applied:
    """Publish a folder of definitions and templates, all at once or nothing."""
    asked = read_body(request, ApplyOf, LARGEST)
    with running().engine.read() as workspace:
        return Publisher(workspace, principal_of(request)).apply(
            asked.files,
            asked.content,
            prune=asked.prune,
            allow_size=asked.allow_size,
            revision=asked.revision,
            fingerprint=asked.fingerprint,
            note=asked.note,
        )


@operation(router, "GET", "/published", answer=InForce, tag=PUBLISHING)
def published_segments(request: HttpRequest) -> InForce:
    """Every segment that is in force, with its version."""
    with running().engine.read() as workspace:
        return InForce(tuple(Publisher(workspace, principal_of(request)).in_force()))


@operation(router, "GET", "/segments/{path:name}/versions", answer=Versions, tag=PUBLISHING)
def segment_versions(request: HttpRequest, name: str) -> Versions:
    """All versions of a segment, the newest first."""
    with running().engine.read() as workspace:
        return Versions(tuple(Publisher(workspace, principal_of(request)).versions(name)))


@operation(
    router,
    "POST",
    "/segments/{path:name}/versions",
    answer=VersionAnswer,
    status=201,
    body=DraftText,
    tag=PUBLISHING,
)
def draft_version(request: HttpRequest, name: str) -> VersionAnswer:
    """Write a new version of a segment, or a first one: a draft, not in force yet."""
    said = read_body(request, DraftText)
    with running().engine.read() as workspace:
        return Publisher(workspace, principal_of(request)).draft(name, said)


@operation(
    router, "GET", "/segments/{path:name}/versions/{number}/diff", answer=Plan, tag=PUBLISHING
)
def diff_version(request: HttpRequest, name: str, number: Number, sample: Sample = SAMPLE) -> Plan:
    """What publishing a version would change: who enters and leaves, and why."""
    with running().engine.read() as workspace:
        return Publisher(workspace, principal_of(request)).difference(name, number, sample)


@operation(
    router,
    "POST",
    "/segments/{path:name}/versions/{number}/publish",
    answer=Applied,
    body=Consent,
    tag=PUBLISHING,
)
def publish_version(request: HttpRequest, name: str, number: Number) -> Applied:
    """Put a draft in force; of an old version a new one with its content."""
    said = read_body(request, Consent)
    with running().engine.read() as workspace:
        return Publisher(workspace, principal_of(request)).publish(
            name,
            number,
            allow_size=said.allow_size,
            revision=said.revision,
            note=said.note,
        )


@operation(
    router,
    "DELETE",
    "/segments/{path:name}/versions/{number}",
    answer=VersionAnswer,
    tag=PUBLISHING,
)
def discard_version(request: HttpRequest, name: str, number: Number) -> VersionAnswer:
    """Forget a draft."""
    with running().engine.read() as workspace:
        return Publisher(workspace, principal_of(request)).discard(name, number)


@operation(segments_router, "DELETE", "/segments/{path:name}", answer=Applied, tag=PUBLISHING)
def remove_segment(request: HttpRequest, name: str) -> Applied:
    """Take a segment out of force; refused while another one refers to it."""
    with running().engine.read() as workspace:
        return Publisher(workspace, principal_of(request)).remove(name)


@operation(router, "GET", "/partitions/{path:name}/proof", answer=ProofAnswer, tag="segments")
def prove_partition(request: HttpRequest, name: str, as_of: AsOf = "") -> ProofAnswer:
    """Whether everybody is in exactly one segment of a partition, counted from the members."""
    with running().engine.read() as workspace:
        return proof(workspace, name, moment(as_of) if as_of else None)
