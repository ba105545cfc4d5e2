"""Is a body JSON of the right shape and size? What its events say, the loader judges.

Values stay raw: a batch of 100 events is checked in about 0.1 ms. The decoder steps over raw values
without a look at UTF-8 or depth, so both are looked at here.
"""

import re
from collections.abc import Callable
from itertools import repeat

import msgspec

from lettershop.model.errors import InputError

MOST_EVENT = 32_768
"""Bytes of one event's JSON."""
MOST_EVENTS = 2_500
"""Events of one batch."""
MOST_NESTED = 32
"""Levels of objects and lists in one event, itself included."""

BATCHES = frozenset({"batch", "import"})

_TEXT = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.S)
_AS_LISTS = bytes.maketrans(b"{}", b"[]")
_NOT_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))


class _Single(msgspec.Struct, rename={"write_key": "writeKey"}):
    write_key: str | None = None


class _Batch(_Single, rename={"write_key": "writeKey"}):
    batch: list[msgspec.Raw] | None = None


_single: Callable[[bytes], _Single] = msgspec.json.Decoder(_Single).decode
_batch: Callable[[bytes], _Batch] = msgspec.json.Decoder(_Batch).decode


class Checked(msgspec.Struct, frozen=True):
    """`events` is their number; `write_key` the one in the body, if any."""

    events: int
    write_key: str | None


def check(call: str, body: bytes) -> Checked:
    """InputError with the reason, naming the event, when the body cannot be taken."""
    try:
        if not body.isascii():
            body.decode()
        if call not in BATCHES:
            return _check_single(body)
        return _check_batch(body)
    except UnicodeDecodeError as error:
        message = f"the body is not UTF-8 (byte {error.start})"
        raise InputError("collector.utf8", message) from None
    except RecursionError:
        raise _too_deep("the body") from None
    except msgspec.ValidationError as error:
        hint = 'a batch is {"batch": […], "writeKey": "…"}, any other call one JSON object'
        message = f"the body has not the shape of this call: {error}"
        raise InputError("collector.shape", message, hint=hint) from None
    except msgspec.DecodeError as error:
        raise InputError("collector.json", f"the body is not readable: {error}") from None


def depth(text: bytes) -> int:
    """Levels of objects and lists in sound JSON; anything above the limit is the limit + 1."""
    brackets = _TEXT.sub(b"", text).translate(_AS_LISTS, _NOT_BRACKETS)
    levels = 0
    while brackets and levels <= MOST_NESTED:
        brackets = brackets.replace(b"[]", b"")  # the innermost of every branch
        levels += 1
    return levels


def _check_single(body: bytes) -> Checked:
    envelope = _single(body)
    if len(body) > MOST_EVENT:
        raise _too_long("the event", len(body))
    if _opened(body) > MOST_NESTED and depth(body) > MOST_NESTED:
        raise _too_deep("the event")
    return Checked(1, envelope.write_key)


def _check_batch(body: bytes) -> Checked:
    envelope = _batch(body)
    if envelope.batch is None:
        raise InputError("collector.shape", "the body has no “batch”", hint="send a list of events")
    if len(envelope.batch) > MOST_EVENTS:
        message = f"the batch has {len(envelope.batch):,} events; {MOST_EVENTS:,} are allowed"
        raise InputError("collector.too_many", message, hint="send smaller batches")
    events = list(map(bytes, envelope.batch))
    inside = _check_events(events)
    around = _opened(body) - inside
    if around > MOST_NESTED and depth(body) > MOST_NESTED:
        raise _too_deep("what stands around the events")
    return Checked(len(events), envelope.write_key)


def _check_events(events: list[bytes]) -> int:
    """How many brackets they open."""
    objects = list(map(bytes.count, events, repeat(b"{")))
    lists = list(map(bytes.count, events, repeat(b"[")))
    if (
        max(objects, default=0) + max(lists, default=0) > MOST_NESTED
        or max(map(len, events), default=0) > MOST_EVENT
        or not all(map(bytes.startswith, events, repeat(b"{")))
    ):
        _find_fault(events)
    return sum(objects) + sum(lists)


def _find_fault(events: list[bytes]) -> None:
    """Event by event, since the quick look at all of them gave a suspicion."""
    for index, event in enumerate(events):
        if not event.startswith(b"{"):
            message = f"event {index} of the batch is not a JSON object"
            raise InputError("collector.shape", message, where=f"batch[{index}]")
        if len(event) > MOST_EVENT:
            raise _too_long(f"event {index} of the batch", len(event), f"batch[{index}]")
        if _opened(event) > MOST_NESTED and depth(event) > MOST_NESTED:
            raise _too_deep(f"event {index} of the batch", f"batch[{index}]")


def _opened(text: bytes) -> int:
    """A quick upper bound of the depth: brackets inside texts count too."""
    return text.count(b"{") + text.count(b"[")


def _too_long(what: str, size: int, where: str = "") -> InputError:
    message = f"{what} has {size:,} bytes; {MOST_EVENT:,} are allowed"
    return InputError("collector.event_too_large", message, where=where)


def _too_deep(what: str, where: str = "") -> InputError:
    message = f"{what} is nested more than {MOST_NESTED} levels deep"
    return InputError("collector.too_deep", message, where=where)
