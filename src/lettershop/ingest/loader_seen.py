"""The last calls of a chunk, as the live page shows them."""

from collections import Counter
from collections.abc import Collection, Sequence

from lettershop.ingest.calls.call import Call
from lettershop.ingest.calls.chunk import Chunk, Problem
from lettershop.ingest.seen import Seen
from lettershop.model.facts import AccountFact, AnyFact

SHOWN = 50
MOST_RAW = 4 * 1024


def outcomes(calls: int, problems: Sequence[Problem], repeated: Collection[int]) -> Counter[str]:
    """Calls by outcome; `repeated` are the numbers of duplicates."""
    refused = len({p.number for p in problems if not p.note})
    duplicate = len(repeated)
    return Counter(loaded=calls - refused - duplicate, duplicate=duplicate, refused=refused)


def last_seen(
    chunk: Chunk, first: int, last: int, problems: Sequence[Problem], repeated: Collection[int]
) -> list[Seen]:
    """The last of the calls from `first` up to `last`, in order of arrival."""
    refused = {p.number: p.code for p in problems if not p.note}
    codes = {p.number: p.code for p in problems if p.note} | refused
    found = []
    for number in range(max(first, last - SHOWN), last):
        request = chunk.requests[chunk.place(number)[0]]
        call, facts = chunk.call(number), chunk.facts(number, number + 1)
        outcome = "refused" if number in refused else "loaded"
        found.append(
            Seen(
                received_at=request.received_at,
                source=request.source,
                call=(call.type if isinstance(call, Call) else None) or request.call,
                name=_name(call),
                who=_said(facts, "contact") or _given(call),
                account=_said(facts, "account"),
                outcome="duplicate" if number in repeated else outcome,
                code=codes.get(number, ""),
                raw=chunk.raw(number)[:MOST_RAW].decode("utf-8", "replace"),
            )
        )
    return found


def _name(call: object) -> str:
    return (call.event or call.name or "") if isinstance(call, Call) else ""


def _said(facts: Sequence[AnyFact], key: str) -> str:
    """The first contact or account that the facts name."""
    named = (getattr(fact, key, None) for fact in facts)
    if key == "contact":
        named = (None if isinstance(f, AccountFact) else getattr(f, key, None) for f in facts)
    return next((str(name) for name in named if name), "")


def _given(call: object) -> str:
    """The id as it was sent with a call that made no facts."""
    return str(call.user_id or call.anonymous_id or "") if isinstance(call, Call) else ""
