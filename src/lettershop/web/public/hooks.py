"""`/hooks/mail/VENDOR`: what mail providers tell. Believed for its signature, so without session or
CSRF token; where no provider is set up, nothing is there."""

from typing import Final

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.views.decorators.csrf import csrf_exempt

from lettershop.app.running import running
from lettershop.delivery.tracking.hits import network
from lettershop.model.errors import AccessError, InputError, NotFound, Unavailable
from lettershop.web.public.limits import Allowance

MOST: Final = 2_000_000
"""Bytes; a thousand events of the talkative kind."""
WRONG: Final = Allowance(60, 60.0)
"""Messages nobody signed, by network: then nobody looks at them for a while."""
_log = structlog.get_logger("lettershop.hooks")


@csrf_exempt
def hook(request: HttpRequest, vendor: str) -> HttpResponse:
    """2xx only when everything it tells has had its effect; providers tell again otherwise."""
    office = running().office
    if office is None:
        raise Http404
    where = network(request.META.get("REMOTE_ADDR") or "") or "?"
    if seconds := WRONG.spent(where):
        return _said(429, "too many messages that nobody signed", seconds)
    body = _body(request)
    if body is None:
        return _said(413, f"more than {MOST:,} bytes")
    try:
        found = office.hooks.take(vendor, dict(request.headers), body)
    except NotFound:
        raise Http404 from None
    except AccessError as error:
        WRONG.count(where)
        _log.warning("hook.refused", vendor=vendor, code=error.code)
        return _said(403, error.message)
    except InputError as error:
        _log.warning("hook.unreadable", vendor=vendor, code=error.code, why=error.message)
        return _said(400, error.message)
    except Unavailable as error:
        return _said(503, error.message, error.retry_after)
    return _said(200, f"{found} taken in")


def _body(request: HttpRequest) -> bytes | None:
    """None for one that is too large, or ended early."""
    try:
        body = request.body
    except (RequestDataTooBig, UnreadablePostError):
        return None
    return body if len(body) <= MOST else None


def _said(status: int, text: str, wait: int = 0) -> HttpResponse:
    response = HttpResponse(text + "\n", status=status, content_type="text/plain; charset=utf-8")
    if wait:
        response["Retry-After"] = str(wait)
    return response
