"""Why a piece of JSON is no call, in plain words.

What is poison to a database is stopped here: numbers that would become infinity, halves of
surrogate pairs, objects nested so deep that reading them never ends.
"""

import json
import math
from typing import Any

import msgspec

from lettershop.ingest.calls.call import MOST_BYTES, MOST_DEPTH, MOST_NAME
from lettershop.model.errors import InputError


def read_object(raw: bytes | msgspec.Raw) -> dict[str, Any]:
    """The JSON object; InputError says what keeps it from being loaded."""
    if len(raw) > MOST_BYTES:
        message = f"the event has {len(raw):,} bytes, {MOST_BYTES:,} are allowed"
        raise InputError("call.too_large", message)
    try:
        found = msgspec.json.decode(raw)
    except RecursionError:
        raise _too_deep() from None
    except UnicodeDecodeError:
        raise InputError("call.not_utf8", "the event is not UTF-8 text") from None
    except msgspec.ValidationError:
        raise _number() from None
    except msgspec.DecodeError:
        raise _malformed(bytes(raw)) from None
    if not isinstance(found, dict):
        raise InputError("call.not_an_object", "the event is not a JSON object")
    _look_through(found, MOST_DEPTH)
    return found


def _look_through(value: object, depth: int) -> None:
    match value:
        case dict() | list() if depth < 1:
            raise _too_deep()
        case dict():
            for key, item in value.items():
                if len(key) > MOST_NAME:
                    message = f"“{key[:40]}…” has {len(key)} characters, {MOST_NAME} are allowed"
                    raise InputError("call.name_too_long", message)
                _look_through(item, depth - 1)
        case list():
            for item in value:
                _look_through(item, depth - 1)
        case int() if not _finite(value):
            raise _number()
        case _:
            pass


def _finite(number: int) -> bool:
    try:
        return math.isfinite(float(number))
    except OverflowError:
        return False


def _malformed(raw: bytes) -> InputError:
    """Python's own reader takes more than JSON has: what it took tells what is wrong."""
    constants: list[str] = []
    try:
        found = json.loads(raw, parse_constant=constants.append)
    except (ValueError, RecursionError):
        return InputError("call.malformed", "the event is not valid JSON")
    if constants:
        return _number()
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        message = "a text holds half a character (a lone surrogate)"
        return InputError("call.broken_text", message)
    return InputError("call.malformed", "the event is not valid JSON")


def _too_deep() -> InputError:
    message = f"objects are nested more than {MOST_DEPTH} deep"
    return InputError("call.too_deep", message)


def _number() -> InputError:
    hint = "numbers lie within ±1.79e308; NaN and Infinity are none"
    return InputError("call.number", "a number is too large or is none", hint=hint)
