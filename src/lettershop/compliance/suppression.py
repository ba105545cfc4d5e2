"""Who gets no letters, for which reason, and how that is undone. Effective with the commit."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import msgspec
from django.db import transaction
from django.db.models import Q, QuerySet

from lettershop.compliance.book import MANY, Book, Hashed, among
from lettershop.compliance.models import KnownAddress, Suppression
from lettershop.compliance.storable import storable
from lettershop.compliance.words import (
    EVERYTHING,
    FORCE_MEANS,
    FORCED,
    OWN,
    SuppressionReason,
    read_scope,
    stream_scope,
)
from lettershop.model.clock import format_instant
from lettershop.model.errors import InputError, NotFound, UsageError

NEVER = 2**63 - 1


class NewSuppression(msgspec.Struct, frozen=True, kw_only=True):
    """`source`: where it came from (`smtp`, `one-click`, a file); `expires_at`: ms, None: never."""

    address: str
    scope: str = EVERYTHING
    reason: SuppressionReason = "manual"
    source: str = ""
    note: str = ""
    expires_at: int | None = None


class SuppressionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`address`: null when only the keyed hash is left. `lifted_at`: null while it is in force."""

    id: int
    address: str | None
    hash: str
    scope: str
    reason: SuppressionReason
    source: str
    note: str
    by: str
    at: str
    expires_at: str | None
    lifted_at: str | None
    lifted_by: str
    lifted_why: str


class InForce(msgspec.Struct, frozen=True, gc=False):
    """What a look-up finds; `at` and `expires_at` in ms."""

    scope: str
    reason: SuppressionReason
    at: int
    expires_at: int | None


def suppress(book: Book, new: NewSuppression, *, by: str, at: int) -> bool:
    """Whether it is new: once more changes nothing but a later expiry. InputError
    `address.unreadable`, `suppression.scope`, `suppression.expired`."""
    return suppress_many(book, [new], by=by, at=at) > 0


def suppress_many(book: Book, new: Sequence[NewSuppression], *, by: str, at: int) -> int:
    """How many were new. All or none; errors as `suppress`."""
    people = [book.hashed(one.address) for one in new]
    rows = [_row(one, who, by, at) for one, who in zip(new, people, strict=True)]
    with transaction.atomic():
        _end_expired(rows, at)
        before = _in_force(rows)
        Suppression.objects.bulk_create(rows, batch_size=MANY, ignore_conflicts=True)
        _extend(rows)
        book.remember(people)
    return len({_key(row) for row in rows} - before)


def lift(number: int, *, by: str, why: str, at: int, force: bool = False) -> SuppressionAnswer:
    """End one. NotFound `suppression.unknown`; UsageError `suppression.lifted`,
    `suppression.forced` (complaint and erased without `force`); InputError `suppression.why`."""
    if not why.strip():
        raise InputError("suppression.why", "say why it is undone", where="why")
    with transaction.atomic():
        row = Suppression.objects.select_for_update().filter(id=number).first()
        if row is None:
            raise NotFound("suppression.unknown", f"there is no suppression {number}")
        if row.lifted_at is not None:
            raise UsageError("suppression.lifted", f"suppression {number} is undone already")
        if row.reason in FORCED and not force:
            message = f"a suppression by {row.reason} is not simply undone: "
            hint = "with --force, when you know what it means"
            raise UsageError("suppression.forced", message + FORCE_MEANS[row.reason], hint=hint)
        row.lifted_at, row.lifted_by = at, storable(by, 254)
        row.lifted_why = storable(why.strip())
        row.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    return answers([row])[0]


def lift_own(
    who: Hashed, scopes: Collection[str], *, why: str, at: int, reasons: Collection[str] = OWN
) -> int:
    """The person wants letters again: what they or a list said against these scopes ends."""
    mine = Suppression.objects.filter(hash=who.hash, scope__in=[*scopes], lifted_at__isnull=True)
    mine = mine.filter(reason__in=sorted(reasons))
    return mine.update(lifted_at=at, lifted_by="themselves", lifted_why=why)


def scopes_of_stream(stream: str) -> tuple[str, ...]:
    """The scopes that cover a whole stream."""
    return (EVERYTHING, stream_scope(stream))


def look_up(hashes: Collection[str], at: int) -> Mapping[str, Sequence[InForce]]:
    """What is in force at `at`, by hash; people without any are absent."""
    found: dict[str, list[InForce]] = {}
    rows = _current(at).filter(hash__in=among(hashes)).order_by("id")
    for hashed, *said in rows.values_list("hash", "scope", "reason", "at", "expires_at"):
        found.setdefault(hashed, []).append(InForce(*said))
    return found


def listed(
    *, at: int, limit: int, before: int | None = None, question: str = "", all_: bool = False
) -> list[SuppressionAnswer]:
    """Those in force, with `all_` also undone and expired ones; the newest first, from number
    `before` down. `question`: part of an address, or a reason."""
    rows = Suppression.objects.all() if all_ else _current(at)
    if before is not None:
        rows = rows.filter(id__lt=before)
    if question:
        wanted = storable(question.strip().lower())
        people = KnownAddress.objects.filter(address__contains=wanted)
        rows = rows.filter(Q(hash__in=people.values("hash")) | Q(reason=wanted))
    return answers(rows.order_by("-id")[:limit])


def in_force_count(at: int) -> int:
    """How many are in force at `at`; of a person there may be several."""
    return _current(at).count()


def numbered(number: int) -> SuppressionAnswer:
    """In force or not. NotFound `suppression.unknown`."""
    found = answers(Suppression.objects.filter(id=number))
    if not found:
        raise NotFound("suppression.unknown", f"there is no suppression {number}")
    return found[0]


def of_person(hashed: str) -> list[SuppressionAnswer]:
    """All that ever was, the newest first."""
    return answers(Suppression.objects.filter(hash=hashed).order_by("-id"))


def answers(rows: Iterable[Suppression]) -> list[SuppressionAnswer]:
    found = [*rows]
    known = dict(
        KnownAddress.objects.filter(hash__in=among({row.hash for row in found})).values_list(
            "hash", "address"
        )
    )
    return [_answer(row, known.get(row.hash)) for row in found]


def _answer(row: Suppression, address: str | None) -> SuppressionAnswer:
    return SuppressionAnswer(
        id=row.pk,
        address=address,
        hash=row.hash,
        scope=row.scope,
        reason=row.reason,
        source=row.source,
        note=row.note,
        by=row.by,
        at=format_instant(row.at),
        expires_at=None if row.expires_at is None else format_instant(row.expires_at),
        lifted_at=None if row.lifted_at is None else format_instant(row.lifted_at),
        lifted_by=row.lifted_by,
        lifted_why=row.lifted_why,
    )


def _row(new: NewSuppression, who: Hashed, by: str, at: int) -> Suppression:
    if new.expires_at is not None and new.expires_at <= at:
        message = f"{format_instant(new.expires_at)} is over already"
        raise InputError("suppression.expired", message, where="expires")
    return Suppression(
        hash=who.hash,
        scope=read_scope(new.scope),
        reason=new.reason,
        source=storable(new.source, 200),
        by=storable(by, 254),
        note=storable(new.note),
        at=at,
        expires_at=new.expires_at,
    )


def _key(row: Suppression) -> tuple[str, str, str]:
    return row.hash, row.scope, row.reason


def _current(at: int) -> QuerySet[Suppression]:
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=at)
    return Suppression.objects.filter(lasting, lifted_at__isnull=True)


def _same_people(rows: Collection[Suppression]) -> QuerySet[Suppression]:
    hashes = {row.hash for row in rows}
    return Suppression.objects.filter(hash__in=among(hashes), lifted_at__isnull=True)


def _in_force(rows: Collection[Suppression]) -> set[tuple[str, str, str]]:
    return {*_same_people(rows).values_list("hash", "scope", "reason")}


def _end_expired(rows: Collection[Suppression], at: int) -> None:
    """An expired one makes room for what is said now."""
    over = _same_people(rows).filter(expires_at__lte=at)
    over.update(lifted_at=at, lifted_by="clock", lifted_why="expired")


def _extend(rows: Collection[Suppression]) -> None:
    """Whoever is suppressed for a time and now for longer, is so for longer."""
    until: dict[tuple[str, str, str], int] = {}
    for row in rows:
        end = NEVER if row.expires_at is None else row.expires_at
        until[_key(row)] = max(end, until.get(_key(row), end))
    for known in _same_people(rows).filter(expires_at__isnull=False):
        end = until.get(_key(known), 0)
        if known.expires_at is not None and end > known.expires_at:
            expires = None if end == NEVER else end
            Suppression.objects.filter(id=known.pk).update(expires_at=expires)
