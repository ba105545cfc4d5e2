"""Returns as facts: events for the intake, the same one however often and on whatever way the same
thing comes back."""

import hashlib
from typing import Any, Final

from lettershop.delivery.returns.acts import Action, believed
from lettershop.delivery.returns.correlating import Match
from lettershop.delivery.returns.said import Kind, Return
from lettershop.delivery.said import FAULT, EmailEvent, Grade

NAMES: Final[dict[Kind, str]] = {
    "bounce": "Email Bounced",
    "delivered": "Email Delivered",
    "complaint": "Email Marked as Spam",
    "unsubscribe": "Unsubscribed",
    "auto_reply": "Email Auto Replied",
    "reply": "Email Replied",
}
"""Kinds that become facts."""
_BY_PEOPLE: Final = frozenset({"complaint", "unsubscribe", "reply"})


def events(found: Return, match: Match, action: Action, now: int) -> list[EmailEvent]:
    """At most one. `now`: ms, for what has no date of its own."""
    name = NAMES.get(found.kind)
    if name is None:
        return []
    mailed = match.mailed
    return [
        EmailEvent(
            name=name,
            contact=mailed.contact,
            account=mailed.account,
            at=_moment(found, mailed.at, now),
            message_id=_id(found, match),
            properties=_properties(found, match, action),
        )
    ]


def _properties(found: Return, match: Match, action: Action) -> dict[str, Any]:
    mailed = match.mailed
    grade: Grade = "human" if found.kind in _BY_PEOPLE else "machine"
    said: dict[str, Any] = {
        "send": mailed.key,
        "campaign": mailed.name,
        "message": mailed.row,
        "stream": mailed.stream,
        "email": mailed.address,
        "grade": grade,
        "matched_by": match.how,
    }
    if found.kind == "bounce" and match.affected is not None:
        kind = believed(found, match)
        said |= {"bounce_class": kind, "fault": FAULT[kind], "rule": match.affected.rule}
        said |= {"status": match.affected.status, "reason": match.affected.diagnostic[:200]}
    if found.back is not None:
        said["back_on"] = found.back.isoformat()
    if found.kind in ("reply", "auto_reply") and found.snippet:
        said["snippet"] = found.snippet
    if action.suppress is not None:
        said["suppressed"] = action.suppress.scope
    return said


def _moment(found: Return, sent: int, now: int) -> int:
    """Its own date where that can be: not before the letter, not in the future."""
    return found.at if found.at is not None and sent <= found.at <= now else now


def _id(found: Return, match: Match) -> str:
    """A bounce is the same fact whether a notification or a provider tells it; of replies there may
    be several."""
    said = f"{match.mailed.row}:{found.kind}"
    if found.kind in ("reply", "auto_reply"):
        said += f":{found.id}"
    elif found.kind == "bounce" and match.affected is not None:
        said += f":{believed(found, match)}"
    return f"return-{hashlib.sha256(said.encode()).hexdigest()[:32]}"
