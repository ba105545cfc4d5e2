"""Errors as problem documents (RFC 9457): one shape for every answer that is not a success.

LettershopError       status
UsageError            422
InputError            400 (413 when too large)
DefinitionError       422, with `findings`
NotFound              404
WorkspaceError        409
AccessError           401 nobody is signed in; 403 known, but not allowed
Unavailable           503 (429 when asked too often), with Retry-After
anything else         500, without details: those are in the log
"""

import logging
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, ValidationError

from lettershop.model.errors import (
    AccessError,
    DefinitionError,
    Finding,
    InputError,
    LettershopError,
    NotFound,
    Unavailable,
    UsageError,
    WorkspaceError,
)

MEDIA_TYPE = "application/problem+json"
_FORBIDDEN = frozenset({"access.role", "access.csrf", "campaign.second_approval"})
_OWN_STATUS = {
    "request.too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    "request.too_often": HTTPStatus.TOO_MANY_REQUESTS,
    "request.method": HTTPStatus.METHOD_NOT_ALLOWED,
    "request.media_type": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
}
_log = logging.getLogger("lettershop.api")


class InProgress(WorkspaceError):
    """The same request is being done just now; `retry_after` in seconds."""

    retry_after = 1


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`type` is stable and holds the code; `where` is the place in the request or the data."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    where: str = ""
    hint: str = ""
    findings: tuple[Finding, ...] = ()


def problem(error: LettershopError, status: HTTPStatus | None = None) -> HttpResponse:
    """The answer that says what went wrong."""
    status = status or status_of(error)
    findings = tuple(error.findings) if isinstance(error, DefinitionError) else ()
    body = Problem(
        type=f"urn:lettershop:problem:{error.code}",
        title=status.phrase,
        status=status.value,
        detail=error.message,
        code=error.code,
        where=error.where,
        hint=error.hint,
        findings=findings,
    )
    response = HttpResponse(msgspec.json.encode(body), status=status, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    if isinstance(error, Unavailable | InProgress):
        response["Retry-After"] = str(error.retry_after)
    if status is HTTPStatus.UNAUTHORIZED:
        response["WWW-Authenticate"] = 'Bearer realm="lettershop"'
    return response


def status_of(error: LettershopError) -> HTTPStatus:
    if error.code in _OWN_STATUS:
        return _OWN_STATUS[error.code]
    match error:
        case UsageError() | DefinitionError():
            return HTTPStatus.UNPROCESSABLE_ENTITY
        case InputError():
            return HTTPStatus.BAD_REQUEST
        case NotFound():
            return HTTPStatus.NOT_FOUND
        case WorkspaceError():
            return HTTPStatus.CONFLICT
        case AccessError():
            known = error.code in _FORBIDDEN
            return HTTPStatus.FORBIDDEN if known else HTTPStatus.UNAUTHORIZED
        case Unavailable():
            return HTTPStatus.SERVICE_UNAVAILABLE
        case _:
            return HTTPStatus.INTERNAL_SERVER_ERROR


def invalid(errors: Sequence[dict[str, Any]]) -> LettershopError:
    """Parameters that do not fit: all of them in one message, the first one's place."""
    places = [".".join(map(str, error["loc"])) for error in errors]
    said = [f"{place}: {error['msg']}" for place, error in zip(places, errors, strict=True)]
    return UsageError("request.invalid", "; ".join(said), where=places[0] if places else "")


def handle_errors(api: NinjaAPI) -> None:
    """Answer every exception of an operation with a problem document."""

    def answer(request: HttpRequest, error: Any) -> HttpResponse:
        return problem(_in_our_words(request, error))

    kinds = (LettershopError, AuthenticationError, ValidationError, RequestDataTooBig, Http404)
    for kind in (*kinds, Exception):
        api.add_exception_handler(kind, answer)


def _in_our_words(request: HttpRequest, error: Exception) -> LettershopError:
    match error:
        case LettershopError():
            return error
        case AuthenticationError():
            return not_signed_in()
        case ValidationError(errors=errors):
            return invalid(errors)
        case RequestDataTooBig():
            hint = "send it in smaller pieces, or as an import"
            return InputError("request.too_large", "the body is too large", hint=hint)
        case Http404():
            return NotFound("request.unknown", f"there is nothing at {request.path}")
        case _:
            _log.error("%s %s failed", request.method, request.path, exc_info=error)
            return LettershopError("server.failed", "something went wrong on the server")


def not_signed_in() -> AccessError:
    hint = "send the header “Authorization: Bearer …” with an API token, or sign in"
    return AccessError("access.anonymous", "nobody is signed in", hint=hint)
