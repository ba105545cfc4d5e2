"""What is done about a return: a pure function of it and of what was there before.

Whose fault it was decides (said.FAULT): people are only ever suppressed for what is theirs.
"""

from collections.abc import Sequence
from itertools import takewhile
from typing import Final, Literal, Protocol, assert_never

import msgspec

from lettershop.delivery.returns.correlating import Match
from lettershop.delivery.returns.said import Return
from lettershop.delivery.said import BounceClass
from lettershop.model.clock import DAY

AGAIN: Final = 7 * DAY
"""ms between two bounces of an address that is perhaps dead, for it to be taken as dead."""
FULL_TIMES: Final = 3
FULL_FOR: Final = 14 * DAY

Scope = Literal["global", "stream"]
Reason = Literal["bounce", "complaint", "unsubscribe"]


class Past(msgspec.Struct, frozen=True):
    """An earlier bounce of the same address: ms, and of which letter (row of the ledger)."""

    at: int
    bounce_class: BounceClass
    row: int


class History(Protocol):
    def since_success(self, address: str) -> Sequence[Past]:
        """Bounces of the address since the last letter that stayed: one that was accepted and of
        which no bounce has come within three days. Oldest first. That of the letter asked about
        may be among them: it comes twice, by mail and by webhook."""
        ...


class Suppress(msgspec.Struct, frozen=True, kw_only=True):
    """`scope` "stream": only `stream`. `note`: for the record, in a few words."""

    address: str
    reason: Reason
    scope: Scope
    stream: str = ""
    note: str = ""


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """`counts`: against whom the bounce is counted; `tell`: the account's manager should know;
    `stop`: the number of the send to stop, because its letter is at fault; `why`: one sentence."""

    suppress: Suppress | None = None
    counts: Literal["nobody", "address", "stream"] = "nobody"
    tell: bool = False
    stop: int | None = None
    why: str = ""


def act(found: Return, match: Match, history: Sequence[Past], now: int) -> Action:
    """`history`: see History; `now`: ms."""
    match found.kind:
        case "bounce":
            others = [one for one in history if one.row != match.mailed.row]
            return _bounced(match, believed(found, match), others, now)
        case "complaint":
            if is_doubtful(found, match):  # undone easily, if it was somebody else
                return _suppressed(match, "unsubscribe", "stream", "somebody complained for them")
            return _suppressed(match, "complaint", "global", "they marked it as spam")
        case "unsubscribe":
            return _suppressed(
                match, "unsubscribe", "stream", f"asked by mail: {found.snippet[:80]}"
            )
        case "reply":
            return Action(tell=True, why="somebody answered")
        case "delayed" | "delivered" | "auto_reply" | "challenge" | "other":
            return Action(why="nothing to do")
        case _:
            assert_never(found.kind)


def _bounced(match: Match, kind: BounceClass, history: Sequence[Past], now: int) -> Action:
    match kind:
        case "dead":
            return _dead(match, "the address does not exist")
        case "perhaps_dead":
            if any(now - one.at >= AGAIN for one in history if one.bounce_class in _DYING):
                return _dead(match, "it bounced again after seven or more days")
            return Action(counts="address", why="perhaps dead: the next in seven days decides")
        case "full":
            if _stays_full(history, now):
                return _dead(match, "the mailbox has been full for two weeks")
            return Action(counts="address", why="the mailbox is full")
        case "policy":
            return Action(counts="stream", why="refused for what we are or do")
        case "message":
            return Action(counts="stream", stop=match.mailed.send, why="the letter is at fault")
        case "temporary" | "auto_reply" | "unclear":
            return Action(why="says nothing about the address")
        case _:
            assert_never(kind)


def is_doubtful(found: Return, match: Match) -> bool:
    """Known by the address alone, and not signed: anybody can have made it up."""
    return match.how == "address" and not found.signed


def believed(found: Return, match: Match) -> BounceClass:
    """The class that is acted on. In doubt dead is only perhaps dead, and no send is stopped."""
    said = match.affected.bounce_class if match.affected else "unclear"
    return _DOUBTED.get(said, said) if is_doubtful(found, match) else said


def _stays_full(history: Sequence[Past], now: int) -> bool:
    """Three letters in a row, this one among them, the first of them two weeks ago."""
    before = [*takewhile(lambda one: one.bounce_class == "full", reversed(history))]
    letters = {one.row for one in before}
    return len(letters) + 1 >= FULL_TIMES and now - before[-1].at >= FULL_FOR


def _dead(match: Match, why: str) -> Action:
    said = match.affected.diagnostic[:200] if match.affected else ""
    suppress = Suppress(
        address=match.mailed.address, reason="bounce", scope="global", note=f"{why}: {said}"
    )
    return Action(suppress=suppress, counts="address", tell=True, why=why)


def _suppressed(match: Match, reason: Reason, scope: Scope, why: str) -> Action:
    stream = match.mailed.stream if scope == "stream" else ""
    suppress = Suppress(
        address=match.mailed.address, reason=reason, scope=scope, stream=stream, note=why
    )
    return Action(suppress=suppress, tell=reason == "complaint", why=why)


_DYING: Final = frozenset({"perhaps_dead", "dead"})
_DOUBTED: Final[dict[BounceClass, BounceClass]] = {"dead": "perhaps_dead", "message": "unclear"}
