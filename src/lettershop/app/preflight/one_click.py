"""MSG-6: a POST to the unsubscribe address of a test recipient, through our own pages.

Not over the network: what stands before the server (a proxy, a firewall) is not asked. The test
recipient is nobody, at a domain that cannot be; they have unsubscribed long since, so that the
answer is the only thing that comes of it.
"""

from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any, Final
from urllib.parse import urlsplit

from django.core.handlers.wsgi import WSGIHandler

from lettershop.app.compliance import Compliance
from lettershop.campaigns.preflight.findings import fails, holds, not_asked
from lettershop.campaigns.preflight.rules import rule
from lettershop.campaigns.said import Check
from lettershop.compliance.unsubscribe import unsubscribe
from lettershop.compliance.words import stream_scope
from lettershop.delivery.ledger import controls, counting, planning
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.tracking import Addresses

NOBODY: Final = "one-click@preflight.invalid"
BODY: Final = b"List-Unsubscribe=One-Click"
RULE: Final = "MSG-6"

Post = Callable[[str], tuple[int, str]]
"""An address -> the status, and where it redirects to ("" for nowhere)."""

_answering: Final[list[Post]] = []


def set_post(post: Post | None) -> None:
    """Of this process; set with the public pages, once they answer."""
    _answering.clear()
    if post is not None:
        _answering.append(post)


def current_post() -> Post | None:
    """None where no pages answer."""
    return _answering[-1] if _answering else None


def self_test(
    compliance: Compliance, addresses: Addresses, stream: str, post: Post | None
) -> Check:
    """`post`: None where no server runs that would answer."""
    known = compliance.policy.streams.get(stream)
    if known is None or known.transactional:
        return not_asked(RULE, "only marketing letters need it")
    if post is None:
        return not_asked(RULE, "no server runs here that would take the request", rule(RULE).fix)
    address = addresses.leave(_recipient(compliance, stream))
    status, elsewhere = post(address)
    if elsewhere or 300 <= status < 400:
        return fails(RULE, f"it is answered with {status}, a redirect", about=["redirect"])
    if not 200 <= status < 300:
        return fails(RULE, f"it is answered with {status}", about=[str(status)])
    return holds(RULE, f"answered with {status}, without a redirect")


def through_pages(address: str) -> tuple[int, str]:
    """As a mailbox provider would ask, but for the network."""
    said: dict[str, Any] = {}

    def started(
        status: str, headers: list[tuple[str, str]], error: object = None, /
    ) -> Callable[[bytes], object]:
        said["status"], said["headers"] = int(status.split()[0]), dict(headers)
        return len  # PEP 3333 wants something that writes; Django never calls it

    answer = WSGIHandler()(_environ(address), started)
    b"".join(answer)
    close = getattr(answer, "close", None)
    if close is not None:
        close()
    headers: Mapping[str, str] = said["headers"]
    return said["status"], headers.get("Location", "")


def _environ(address: str) -> dict[str, Any]:
    """PEP 3333."""
    parts = urlsplit(address)
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": parts.path,
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": parts.netloc,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(BODY)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": parts.scheme,
        "wsgi.input": BytesIO(BODY),
        "wsgi.errors": BytesIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _recipient(compliance: Compliance, stream: str) -> int:
    """The row of nobody, in a send that never goes; they have left it already."""
    now = compliance.clock.now()
    key = f"preflight:one-click:{stream}"
    send = planning.begin(key, kind="test", name="one-click test", stream=stream, at=now)
    if send.state == "holding":
        planning.plan(send.id, [Planned(contact=f"email:{NOBODY}", address=NOBODY)], now)
        controls.abort(send.id, now, "a test recipient of preflight: nothing is sent")
    unsubscribe(
        compliance.book,
        compliance.policy,
        NOBODY,
        scope=stream_scope(stream),
        source="preflight",
        proof={},
        at=now,
    )
    return counting.rows(send.id)[0].id
