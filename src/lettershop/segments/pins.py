"""Pins: somebody put into a segment, or kept out of it, by hand, whatever its rule says."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q

from lettershop.model.errors import NotFound, UsageError
from lettershop.planning.keep import Pin
from lettershop.segments.models import Pin as PinRecord, Version
from lettershop.segments.partition import Partition
from lettershop.segments.register import PinRow, find_segment, pin_rows, running_at
from lettershop.segments.versions import Signed, count_up, refuse_unwritable


def add_pin(
    segment: str,
    who: str,
    account: str,
    *,
    include: bool,
    by: Signed,
    expires_at: int | None = None,
) -> PinRow:
    """Pin somebody until `expires_at` (milliseconds), or for good; it takes the place of an
    earlier pin of theirs. `by.note` is the reason.

    UsageError `pin.reason`, `pin.expired`; NotFound `segment.unknown`, also when not published.
    """
    if not by.note.strip():
        raise UsageError("pin.reason", "a pin needs a reason", where="reason")
    refuse_unwritable(by.note)
    if expires_at is not None and expires_at <= by.at:
        raise UsageError("pin.expired", "the pin would have ended already", where="expires")
    with transaction.atomic():
        found = find_segment(segment)
        if not Version.objects.filter(segment=found, state="published").exists():
            message = f"“{segment}” is not published"
            raise NotFound("segment.unknown", message, hint="lettershop apply publishes it")
        earlier = PinRecord.objects.filter(running_at(by.at), segment=found, who=who)
        earlier.filter(account=account).update(removed_at=by.at, removed_by=by.author[:254])
        made = PinRecord.objects.create(
            segment=found,
            who=who,
            account=account,
            include=include,
            author=by.author[:254],
            reason=by.note.strip(),
            created_at=by.at,
            expires_at=expires_at,
        )
        count_up()
        return _row(made.pk)


def remove_pin(number: int, by: Signed) -> PinRow:
    """End a pin now. NotFound `pin.unknown` for one that is not in force."""
    with transaction.atomic():
        living = PinRecord.objects.filter(running_at(by.at), pk=number)
        if not living.update(removed_at=by.at, removed_by=by.author[:254]):
            hint = "lettershop segment pins lists those in force"
            raise NotFound("pin.unknown", f"there is no pin number {number} in force", hint=hint)
        count_up()
        return _row(number)


def list_pins(at: int, segment: str | None = None, *, ended: bool = False) -> list[PinRow]:
    """Pins in force at `at`, the oldest first; of one segment; `ended`: also those that ended."""
    wanted = Q() if ended else running_at(at)
    if segment is not None:
        wanted &= Q(segment=find_segment(segment))
    return [*pin_rows(wanted)]


def in_partitions(
    pins: Sequence[tuple[str, Pin]], partitions: Sequence[Partition]
) -> dict[str, tuple[Pin, ...]]:
    """Pins by segment, made to leave every partition whole. `pins`: the oldest first.

    Whoever is put into one member is kept out of all others; of several the newest counts, and
    keeping out of that very member beats it. Nobody can be kept out of the catch-all, which holds
    whom nobody else holds.
    """
    found: dict[str, dict[Pin, None]] = {name: {} for name, _ in pins}
    for name, pin in pins:
        found[name][pin] = None
    for family in partitions:
        found |= _whole(family, pins)
    return {name: tuple(own) for name, own in found.items() if own}


def _whole(family: Partition, pins: Sequence[tuple[str, Pin]]) -> dict[str, dict[Pin, None]]:
    own = [(name, pin) for name, pin in pins if name in family.members]
    out = {(n, p.subject) for n, p in own if not p.include and n != family.members[-1]}
    home = {p.subject: n for n, p in own if p.include and (n, p.subject) not in out}
    found: dict[str, dict[Pin, None]] = {name: {} for name in family.members}
    for subject, chosen in home.items():
        found[chosen][Pin(subject, include=True)] = None
        out |= {(name, subject) for name in family.members if name != chosen}
    for name, subject in sorted(out):
        found[name][Pin(subject, include=False)] = None
    return found


def _row(number: int) -> PinRow:
    return next(iter(pin_rows(Q(pk=number))))
