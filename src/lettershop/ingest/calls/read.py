"""The body of a logged request -> its calls; each that is none becomes the error that says why.

Nearly all bodies fit the strict types of `call.py` and are read in one go. The others are read
call by call: one bad call never costs its neighbours.
"""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, cast

import msgspec

from lettershop.ingest.calls.call import (
    KINDS,
    LEAST_BYTES,
    MOST_BYTES,
    MOST_NAME,
    Batch,
    Call,
    Context,
    Kind,
    Object,
    PlainCall,
    below,
)
from lettershop.ingest.calls.times import Moment
from lettershop.ingest.calls.unreadable import read_object
from lettershop.ingest.calls.who import Id
from lettershop.ingest.log.request import Request
from lettershop.model.errors import InputError

Raw = bytes | msgspec.Raw


class Read(msgspec.Struct, frozen=True):
    """The calls of one request in order, and when its sender said it sent them."""

    calls: list[Call | InputError]
    sent_at: Moment = None


class _Pieces(msgspec.Struct, rename="camel"):
    """A batch whose calls nobody has looked into, though JSON's rules hold even here: where one
    call breaks them, Python's more generous reader takes the batch apart."""

    batch: list[msgspec.Raw]
    sent_at: Any = None
    context: Any = None
    other_sent_at: Any = msgspec.field(default=None, name="sent_at")


class _Sizes(msgspec.Struct):
    batch: list[msgspec.Raw]


_batch = msgspec.json.Decoder(Batch)
_single = msgspec.json.Decoder(PlainCall)
_pieces = msgspec.json.Decoder(_Pieces)
_sizes = msgspec.json.Decoder(_Sizes)
_UNFIT = (msgspec.DecodeError, RecursionError, UnicodeDecodeError)


def read(request: Request) -> Read:
    """All calls of the request; never raises."""
    if request.call in KINDS:
        call = _one(request.body, request.call)
        return Read([call], None if isinstance(call, InputError) else call.sent_at)
    try:
        found = _batch.decode(request.body)
        if _some_name_nobody(found.batch) or _has_large(request.body, found.batch):
            return _each(request)
    except _UNFIT:
        return _each(request)
    if found.context is not None:
        for call in found.batch:
            call.context = below(call.context, found.context)
    calls = cast("list[Call | InputError]", found.batch)
    return Read(calls, found.sent_at if found.sent_at is not None else found.other_sent_at)


def pieces(request: Request) -> list[Raw]:
    """The JSON of each call of a request; of the whole body when it cannot be taken apart."""
    if request.call not in KINDS:
        found = _taken_apart(request.body)
        if found is not None:
            return [*found.batch]
    return [request.body]


def _some_name_nobody(calls: Sequence[Call]) -> bool:
    return bool([1 for call in calls if call.user_id is None and call.anonymous_id is None])


def _names_somebody(call: Call) -> bool:
    return call.user_id is not None or call.anonymous_id is not None


def _has_large(body: bytes, calls: Sequence[Call]) -> bool:
    if len(body) - LEAST_BYTES * (len(calls) - 1) <= MOST_BYTES:
        return False
    return max(map(len, _sizes.decode(body).batch)) > MOST_BYTES


def _one(raw: Raw, kind: Kind | None) -> Call | InputError:
    """One call; `kind` is what the address says it is, None when it says so itself."""
    try:
        if len(raw) <= MOST_BYTES:
            call = _single.decode(raw)
            if _names_somebody(call) and (kind is None or call.type == kind):
                return call
    except _UNFIT:
        pass
    try:
        return _call(read_object(raw), kind)
    except InputError as error:
        return error


def _each(request: Request) -> Read:
    found = _taken_apart(request.body)
    if found is None:
        message = "the request holds no list “batch” that could be read"
        return Read([InputError("call.malformed", message)])
    calls = [_one(raw, None) for raw in found.batch]
    try:
        common = _context(found.context)
    except InputError:
        common = None
    if common is not None:
        for call in calls:
            if isinstance(call, Call):
                call.context = below(call.context, common)
    sent_at = found.sent_at if found.sent_at is not None else found.other_sent_at
    return Read(calls, sent_at if isinstance(sent_at, str | int | float) else None)


def _taken_apart(body: bytes) -> _Pieces | None:
    """The batch call by call, unread; None when there is none."""
    try:
        return _pieces.decode(body)
    except _UNFIT:
        pass
    try:
        found = json.loads(body, parse_int=_any_size)
        batch = [msgspec.Raw(json.dumps(call).encode()) for call in found["batch"]]
        sent_at = found.get("sentAt", found.get("sent_at"))
        return _Pieces(batch=batch, sent_at=sent_at, context=found.get("context"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _any_size(digits: str) -> float:
    return int(digits) if len(digits) < 400 else math.inf


def _call(said: Object, kind: Kind | None) -> Call:
    kind = kind or _kind(said)
    return Call(
        type=kind,
        event=_event(said) if kind == "track" else None,
        name=_text(said, "name"),
        category=_text(said, "category"),
        user_id=_id(said, "userId", "user_id"),
        anonymous_id=_id(said, "anonymousId", "anonymous_id"),
        previous_id=_id(said, "previousId", "previous_id"),
        group_id=_id(said, "groupId", "group_id"),
        message_id=_id(said, "messageId", "message_id"),
        timestamp=_moment(said, "timestamp"),
        original_timestamp=_moment(said, "originalTimestamp", "original_timestamp"),
        sent_at=_moment(said, "sentAt", "sent_at"),
        context=_context(said.get("context")),
        properties=_object(said, "properties"),
        traits=_object(said, "traits"),
    )


def _kind(said: Object) -> Kind:
    found = _first(said, "type", "action")
    if found not in KINDS:
        shown = f"“{found[:40]}”" if isinstance(found, str) else "nothing"
        hint = f"type is one of {', '.join(KINDS)}"
        raise InputError("call.unknown_type", f"the type of the call is {shown}", hint=hint)
    return cast(Kind, found)


def _event(said: Object) -> str:
    found = said.get("event")
    name = found if isinstance(found, str) else ""
    if not name.strip():
        raise InputError("call.no_name", "the event has no name", hint="send it as “event”")
    if len(name) > MOST_NAME:
        message = f"the event’s name has {len(name)} characters, {MOST_NAME} are allowed"
        raise InputError("call.name_too_long", message)
    return name


def _context(said: object) -> Context | None:
    if said is None:
        return None
    if not isinstance(said, dict):
        raise InputError("call.not_an_object", "the context is not an object")
    zone, language = said.get("timezone"), said.get("locale")
    return Context(
        group_id=_id(said, "groupId", "group_id"),
        traits=_object(said, "traits"),
        page=_object(said, "page"),
        campaign=_object(said, "campaign"),
        locale=language if isinstance(language, str) else None,
        timezone=zone if isinstance(zone, str) else None,
    )


def _first(said: Mapping[str, Any], *keys: str) -> Any:
    return next((said[key] for key in keys if said.get(key) is not None), None)


def _id(said: Object, *keys: str) -> Id:
    found = _first(said, *keys)
    match found:
        case None | str():
            return found
        case int() if not isinstance(found, bool):
            return found
        case float() if found.is_integer():
            return int(found)
        case _:
            message = f"“{keys[0]}” is neither a text nor a whole number"
            raise InputError("call.id", message)


def _text(said: Object, key: str) -> str | None:
    found = said.get(key)
    return found if isinstance(found, str) else None


def _moment(said: Object, *keys: str) -> Moment:
    found = _first(said, *keys)
    if isinstance(found, bool | dict | list):
        raise InputError("call.time", f"“{keys[0]}” is not a time")
    return cast(Moment, found)


def _object(said: Object, key: str) -> Object | None:
    found = said.get(key)
    if found is None or isinstance(found, dict):
        return found
    raise InputError("call.not_an_object", f"“{key}” is not an object")
