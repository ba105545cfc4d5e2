"""What goes with a message beside its letter: files, and an invitation to an appointment.

The invitation, and how many files there are, stand in the snapshot of the row; the files have a
table of their own, which is read when the message is built.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec
from django.db.models import Sum
from django.db.models.functions import Length

from lettershop.delivery.building import Attachment, Invitation
from lettershop.delivery.models import MessageFile

ENCLOSED: Final = "enclosed\n"
"""The key of `Enclosed` in a row's snapshot; no letter can read a variable of that name."""
MOST_HELD: Final = 64 * 1024 * 1024
"""Bytes of files that a process has in memory."""


class Enclosed(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`files`: how many."""

    files: int = 0
    invitation: Invitation | None = None

    def frozen(self) -> dict[str, Any]:
        """For the snapshot; nothing where nothing goes with the letter."""
        said: dict[str, Any] = msgspec.to_builtins(self)
        return {ENCLOSED: said} if said else {}


def enclosed_of(values: Mapping[str, Any]) -> Enclosed:
    """Of thawed values. msgspec.ValidationError for what we never froze."""
    return msgspec.convert(values.get(ENCLOSED, {}), Enclosed)


def keep(message: int, files: Sequence[Attachment]) -> None:
    """With the row of the ledger that they go with, in one transaction."""
    MessageFile.objects.bulk_create(
        MessageFile(
            message_id=message, place=place, name=one.name, type=one.type, content=one.content
        )
        for place, one in enumerate(files)
    )


def files_of(messages: Collection[int]) -> dict[int, tuple[Attachment, ...]]:
    """By row of the ledger, in their order; nothing of rows that have none."""
    found: dict[int, tuple[Attachment, ...]] = {}
    asked = MessageFile.objects.filter(message__in=messages).order_by("message_id", "place")
    for row, name, kind, content in asked.values_list("message_id", "name", "type", "content"):
        found[row] = (*found.get(row, ()), Attachment(name, kind, bytes(content)))
    return found


def forget(messages: Collection[int]) -> None:
    MessageFile.objects.filter(message__in=messages).delete()


class Held:
    """Files of messages that are about to be built, the last asked for first, up to `most` bytes:
    many rows are leased at once. `fetch` in the thread of the records."""

    def __init__(self, most: int = MOST_HELD) -> None:
        self._most = most
        self._files: dict[int, tuple[Attachment, ...]] = {}
        self._bytes = 0
        self._without: set[int] = set()

    def fetch(self, messages: Sequence[int]) -> None:
        found = _sizes(messages) if messages else {}
        self._without = {*messages} - {*found}
        self._drop([row for row in messages if row in self._files])
        chosen, size = list[int](), 0
        for row in reversed([row for row in messages if row in found]):
            if not chosen or size + found[row] <= self._most:
                chosen.append(row)
                size += found[row]
        oldest = iter([*self._files])
        while self._files and self._bytes + size > self._most:
            self._drop([next(oldest)])
        loaded = files_of(chosen)
        self._files |= loaded
        self._bytes += sum(map(_size, loaded.values()))

    def take(self, message: int) -> tuple[Attachment, ...] | None:
        """They are given up; None where they are not held, () where there are none."""
        if message in self._without:
            return ()
        files = self._files.get(message)
        self._drop([message])
        return files

    def _drop(self, messages: Sequence[int]) -> None:
        for message in messages:
            self._bytes -= _size(self._files.pop(message, ()))


def _size(files: Sequence[Attachment]) -> int:
    return sum(len(one.content) for one in files)


def _sizes(messages: Collection[int]) -> dict[int, int]:
    """Bytes of all files of each message that has any."""
    asked = MessageFile.objects.filter(message__in=messages).order_by().values("message")
    return dict(asked.annotate(size=Sum(Length("content"))).values_list("message", "size"))
