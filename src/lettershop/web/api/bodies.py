"""Request bodies: JSON into msgspec structs, numbers exact, mistakes with their place."""

from decimal import Decimal
from functools import cache
from typing import Any, Final, TypeVar, cast

import msgspec
from django.conf import settings
from django.http import HttpRequest

from lettershop.model.errors import InputError

Kind = TypeVar("Kind")

WAIT: Final = 20.0
"""Seconds a request waits for its turn to write; then it is told to come back (503)."""


def whole(request: HttpRequest, most: int | None = None) -> bytes:
    """The body, in memory. InputError `request.too_large` beyond `most` bytes, or what Django's
    setting allows.

    Django itself looks at the stated length only, which a body in chunks does not have.
    """
    if not hasattr(request, "_body"):
        most = most or settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0
        body = request.read(most + 1)
        if len(body) > most:
            hint = "send it in smaller pieces, or as an import"
            message = f"the body is larger than {most:,} bytes"
            raise InputError("request.too_large", message, hint=hint)
        request._body = body
    return request.body


def read_body(request: HttpRequest, kind: type[Kind], most: int | None = None) -> Kind:
    """The body as a `kind`; fractions become decimals where anything may stand. `most`: bytes,
    where it is more than usual.

    Raises InputError `request.json` for what is not JSON, `request.shape` for what does not fit
    (`where` is the JSON path), `request.media_type` when the body says that it is something else.
    """
    stated = request.content_type or "application/json"
    if stated not in ("application/json", "text/json"):
        hint = "send it with Content-Type: application/json"
        raise InputError("request.media_type", f"the body is {stated}, not JSON", hint=hint)
    try:
        return cast(Kind, _decoder(cast(Any, kind)).decode(whole(request, most)))
    except msgspec.ValidationError as error:
        raise shape_error(error) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError("request.json", f"the body is not JSON: {error}", where="body") from None
    except RecursionError:
        raise InputError("request.json", "the body is nested too deeply", where="body") from None


def shape_error(error: msgspec.ValidationError, place: str = "$") -> InputError:
    """What msgspec says, with the place apart; `place` is where the decoded value was."""
    message, _, at = str(error).partition(" - at `")
    where = place + at.rstrip("`").removeprefix("$")
    return InputError("request.shape", message[:1].lower() + message[1:], where=where)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, float_hook=_exact)


def _exact(digits: str) -> Decimal:
    return Decimal(digits)


def read_items(request: HttpRequest) -> list[Any]:
    """The body as a list of items, which are looked at one by one later; one item is a list of it.

    Raises what `read_body` does.
    """
    body = read_body(request, Any)
    return body if isinstance(body, list) else [body]
