"""What goes with a message beside its letter: files, and an invitation to an appointment.

The invitation, and how many files there are, stand in the snapshot of the row; the files have a
table of their own, which is read when the message is built.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from lettershop.delivery.building import Attachment, Invitation
from lettershop.delivery.models import MessageFile

ENCLOSED: Final = "enclosed\n"
"""The key of `Enclosed` in a row's snapshot; no letter can read a variable of that name."""


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
