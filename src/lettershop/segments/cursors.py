"""How far each reader of transitions has come: at least once, in order, one number per reader.

A reader takes what follows its cursor, does its work, and only then acknowledges. If it dies in
between it is given the same again, so it should know transitions it has seen by their ids.
"""

from collections.abc import Sequence

from django.db import transaction

from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import Asked, Transition, last_transition, transitions
from lettershop.model.errors import InputError, NotFound, UsageError
from lettershop.segments.models_streams import NAME, Cursor


def cursors() -> Sequence[Cursor]:
    """All of them, by name."""
    return list(Cursor.objects.all())


def find_cursor(name: str) -> Cursor:
    """NotFound `cursor.unknown`."""
    found = Cursor.objects.filter(name=name).first() if name.isprintable() else None
    if found is None:
        hint = "the first PUT makes it; position -1 is before the first transition"
        raise NotFound("cursor.unknown", f"there is no cursor “{name}”", hint=hint)
    return found


def place_of(store: Store, name: str, at: int) -> int:
    """After which transition the reader goes on. NotFound `cursor.unknown`.

    A cursor beyond the newest is from a database that was restored or made again since: it goes to
    the end, or its reader would wait until the ids have caught up.
    """
    found, last = find_cursor(name), last_transition(store)
    if found.position > last:
        found.position, found.moved_at = last, at
        found.save(update_fields=("position", "moved_at"))
    return found.position


def following(store: Store, name: str, asked: Asked, limit: int, at: int) -> list[Transition]:
    """What comes after a cursor. NotFound `cursor.unknown`."""
    return transitions(store, asked, after=place_of(store, name, at), limit=limit)


def acknowledge(
    store: Store, name: str, position: int, *, at: int, back: bool = False
) -> tuple[Cursor, bool]:
    """The reader has everything up to that id; whether its cursor is new. It only moves forward
    (an answer that comes late changes nothing) unless `back` says otherwise.

    InputError `cursor.name`; UsageError `cursor.ahead` for an id that does not exist yet.
    """
    if not 0 < len(name) <= NAME or not name.isprintable():
        raise InputError("cursor.name", f"the name of a cursor has 1 to {NAME} visible characters")
    last = last_transition(store)
    if not -1 <= position <= last:
        message = f"there is no transition {position}; the newest is {last}"
        raise UsageError("cursor.ahead", message, where="position")
    with transaction.atomic():
        found, new = Cursor.objects.select_for_update().get_or_create(
            name=name, defaults={"position": position, "moved_at": at}
        )
        # One that is ahead of everything is from a database that was restored or made again.
        if back or position > found.position or found.position > last:
            found.position, found.moved_at = position, at
            found.save(update_fields=("position", "moved_at"))
    return found, new


def forget_cursor(name: str) -> None:
    """NotFound `cursor.unknown`."""
    find_cursor(name).delete()
