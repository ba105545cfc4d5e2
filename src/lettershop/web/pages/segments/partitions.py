"""A partition: its segments in order, their sizes, and the proof that everybody is in one."""

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app.proving import ProofAnswer, proof
from lettershop.app.segment_pages.standing import Segments, Standing
from lettershop.model.errors import LettershopError
from lettershop.segments.partition import Partition
from lettershop.segments.proof import Share
from lettershop.web.pages.segments.said import EVERYTHING
from lettershop.web.pages.segments.segment import segments_read


class Member(msgspec.Struct, frozen=True):
    """`share` of the proof, None while it is not worked out; `part` of everybody, 0 to 100."""

    one: Standing
    size: int | None
    part: float
    share: Share | None
    last: bool


def partition(request: HttpRequest, name: str) -> HttpResponse:
    """The page is there at once with what is kept; the proof is worked out after it."""
    with segments_read() as segments:
        family = segments.partition(name)
        if family is None:
            raise Http404
        universe = len(segments.universe(family.subject))
        answer, error = None, None
        if "proof" in request.GET:
            answer, error = _proof(segments, family)
        known = {
            "family": family,
            "universe": universe,
            "members": _members(segments, family, universe, answer),
            "proof": answer.proof if answer else None,
            "answer": answer,
            "error": error,
            "in_force": family in segments.now.partitions,
            "waiting": answer is None and error is None,
            **EVERYTHING,
        }
    return render(request, "segments/partition.html", known, status=400 if error else 200)


def _proof(
    segments: Segments, family: Partition
) -> tuple[ProofAnswer | None, LettershopError | None]:
    try:
        return proof(segments.workspace, family.name), None
    except LettershopError as error:
        return None, error


def _members(
    segments: Segments, family: Partition, universe: int, answer: ProofAnswer | None
) -> list[Member]:
    shares = {share.name: share for share in answer.proof.shares} if answer else {}
    found = []
    for place, name in enumerate(family.members, 1):
        share = shares.get(name)
        size = share.size if share else segments.size(name)
        part = 100 * size / universe if size and universe else 0.0
        last = place == len(family.members)
        found.append(Member(segments.standing(name), size, part, share, last))
    return found
