"""The lines of a journal: a checksum, a letter, JSON. Whatever a crash leaves of the last one is
seen as such."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, TypeAlias
from zlib import crc32

import msgspec

from lettershop.delivery.ledger.rows import Outcome


class Attempting(msgspec.Struct, frozen=True):
    """The final dot of this row is about to be said."""

    id: int
    at: int
    attempts: int
    unsure: int
    message_id: str


Record: TypeAlias = Attempting | Outcome

_ENCODER: Final = msgspec.json.Encoder()
_ATTEMPTING: Final = msgspec.json.Decoder(Attempting)
_OUTCOME: Final = msgspec.json.Decoder(Outcome)


class Replayed(msgspec.Struct, frozen=True):
    """What journals say: the last record of each row. `damaged`: there are lines
    that cannot be read, besides a torn one at the very end; so a row may be missing."""

    last: dict[int, Record]
    damaged: bool


def line(record: Record) -> bytes:
    body = (b"A" if isinstance(record, Attempting) else b"O") + _ENCODER.encode(record)
    return b"%08x %b\n" % (crc32(body), body)


def replayed(files: Sequence[Path]) -> Replayed:
    """Of one sender, in the order they were written. Only the very last line may
    be torn: it was not on disk when the sender died, so nothing had come of it."""
    last: dict[int, Record] = {}
    damaged = False
    for place, path in enumerate(files):
        *lines, rest = path.read_bytes().split(b"\n")
        records = [_read(each) for each in lines]
        torn = bool(rest) and place < len(files) - 1
        damaged |= torn or None in records
        last |= {record.id: record for record in records if record is not None}
    return Replayed(last, damaged)


def _read(said: bytes) -> Record | None:
    body = said[9:]
    try:
        if len(said) < 10 or said[8:9] != b" " or int(said[:8], 16) != crc32(body):
            return None
        return (_ATTEMPTING if body[:1] == b"A" else _OUTCOME).decode(body[1:])
    except (ValueError, msgspec.DecodeError):
        return None
