"""Notices for account managers: somebody answered, an address is dead, somebody complained."""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from lettershop.compliance.addresses import comparable
from lettershop.compliance.storable import storable
from lettershop.delivery.models_returns import NAME, SAID, Notice
from lettershop.delivery.returns.correlating import Mailed
from lettershop.delivery.returns.said import Return
from lettershop.model.clock import format_instant
from lettershop.model.errors import NotFound


class NoticeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`kind`: bounce, complaint, reply; `owner`: whom it is for, a key of owners.toml, "" where
    nobody is named; `message`: the row of the ledger it is about; `said`: how an answer begins, or
    what the refusing server said."""

    id: int
    at: str
    kind: str
    owner: str
    contact: str
    account: str
    address: str
    send: int
    message: int
    why: str
    said: str


def put_up(mailed: Mailed, found: Return, why: str, owner: str, at: int) -> bool:
    """Whether it is new: a bounce or complaint of a letter is told once, each reply once."""
    said = found.snippet
    if found.affected:
        said = found.affected[0].diagnostic or said
    _, new = Notice.objects.get_or_create(
        row=mailed.row,
        of=_which(found),
        defaults={
            "send": mailed.send,
            "kind": found.kind,
            "at": at,
            "owner": owner[:NAME],
            "contact": mailed.contact,
            "account": mailed.account,
            "mailbox": comparable(mailed.address) or mailed.address.lower(),
            "why": why[:NAME],
            "said": storable(said, SAID),
        },
    )
    return new


def notices(owner: str = "", limit: int = 50, before: int | None = None) -> Sequence[NoticeAnswer]:
    """The newest first. `owner`: of them alone; `before`: the last number seen."""
    chosen = Notice.objects.order_by("-id")
    if owner:
        chosen = chosen.filter(owner__iexact=storable(owner))
    if before is not None:
        chosen = chosen.filter(id__lt=before)
    return [_answer(one) for one in chosen[:limit]]


class Posted(NoticeAnswer, frozen=True, kw_only=True):
    """A notice as those see it who deal with it. `done_at`: ms, 0 while nobody has; `done_by`: who
    did."""

    done_at: int
    done_by: str


def posted(
    *, done: bool = False, owner: str = "", limit: int = 50, before: int | None = None
) -> Sequence[Posted]:
    """Those nobody has dealt with, or those somebody has; the newest first, as `notices`."""
    chosen = Notice.objects.exclude(done_at=0) if done else Notice.objects.filter(done_at=0)
    chosen = chosen.order_by("-id")
    if owner:
        chosen = chosen.filter(owner__iexact=storable(owner))
    if before is not None:
        chosen = chosen.filter(id__lt=before)
    return [_posted(one) for one in chosen[:limit]]


def waiting() -> tuple[int, int]:
    """(how many notices nobody has dealt with, since when the first of them waits: ms or 0)."""
    open_ = Notice.objects.filter(done_at=0)
    first = open_.order_by("id").values_list("at", flat=True).first()
    return open_.count(), first or 0


def take_down(number: int, *, by: str, at: int) -> bool:
    """Somebody has dealt with it; whether nobody had before. NotFound `notice.unknown`."""
    done = Notice.objects.filter(id=number, done_at=0).update(done_at=at, done_by=by[:254])
    return _there(number, done)


def put_back(number: int) -> bool:
    """It is to be dealt with again; whether it was not already. NotFound `notice.unknown`."""
    done = Notice.objects.filter(id=number).exclude(done_at=0).update(done_at=0, done_by="")
    return _there(number, done)


def _there(number: int, changed: int) -> bool:
    if not changed and not Notice.objects.filter(id=number).exists():
        raise NotFound("notice.unknown", f"there is no notice {number}")
    return bool(changed)


def _posted(one: Notice) -> Posted:
    known = msgspec.structs.asdict(_answer(one))
    return Posted(**known, done_at=one.done_at, done_by=one.done_by)


def _which(found: Return) -> str:
    if found.kind != "reply":
        return found.kind
    return sha256(found.id.encode("utf-8", "replace")).hexdigest()[:32]


def _answer(one: Notice) -> NoticeAnswer:
    return NoticeAnswer(
        id=one.pk,
        at=format_instant(one.at),
        kind=one.kind,
        owner=one.owner,
        contact=one.contact,
        account=one.account,
        address=one.mailbox,
        send=one.send,
        message=one.row,
        why=one.why,
        said=one.said,
    )
