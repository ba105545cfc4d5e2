"""JSON sent to an address: webhooks."""

import time
from collections.abc import Sequence
from ssl import SSLContext
from typing import Final

import httpx
import msgspec

from lettershop.model.errors import InputError
from lettershop.outgoing.exchange import Limits, exchange, retry_after
from lettershop.outgoing.places import Refused, addresses, is_named, is_public, parsed

LIMITS: Final = Limits(step=5.0, total=15.0, bytes=4_096)
_EXAMPLE: Final = "as in https://hooks.example.com/lettershop"


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """`status` None: there was no answer, and `message` says why; else `message` is how the answer
    begins. `retry_after`: seconds it asks for."""

    status: int | None = None
    message: str = ""
    retry_after: int | None = None
    milliseconds: int = 0

    @property
    def taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def check_url(url: str, allowed: Sequence[str]) -> None:
    """InputError `webhook.url` for an address that would never be asked."""
    try:
        found = parsed(url)
    except Refused as problem:
        raise InputError("webhook.url", str(problem), where=url[:200], hint=_EXAMPLE) from None
    if found.scheme == "http" and not is_named(found, allowed):
        hint = f"use https; or name “{found.host}” in the setting webhook_hosts"
        raise InputError("webhook.url", "http is not encrypted", where=url, hint=hint)


def post(
    url: str,
    body: bytes,
    headers: dict[str, str],
    allowed: Sequence[str],
    context: SSLContext | None = None,
) -> Answered:
    """Send JSON and say what was answered; never raises for what the other side does.

    `allowed`: the setting `webhook_hosts`."""
    started = time.monotonic()
    try:
        said = _posted(parsed(url), body, headers, allowed, context)
    except Refused as problem:
        said = Answered(message=str(problem))
    except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as problem:
        said = Answered(message=f"{type(problem).__name__}: {problem}".rstrip(": ")[:300])
    spent = round((time.monotonic() - started) * 1_000)
    return msgspec.structs.replace(said, milliseconds=spent)


def _posted(
    url: httpx.URL,
    body: bytes,
    headers: dict[str, str],
    allowed: Sequence[str],
    context: SSLContext | None,
) -> Answered:
    free = is_named(url, allowed)
    if url.scheme == "http" and not free:
        raise Refused("http is not encrypted, and webhook_hosts does not name the host")
    there = addresses(url)
    hidden = [] if free else [a for a in there if not is_public(a)]
    if hidden:
        raise Refused(
            f"{url.host} is {hidden[0]}, which is not in the public network; the setting"
            " webhook_hosts can allow it"
        )
    found = exchange("POST", url, there, LIMITS, headers=headers, body=body, context=context)
    return Answered(
        status=found.status,
        message=_readable(found.body),
        retry_after=retry_after(found.headers),
    )


def _readable(body: bytes) -> str:
    """How an answer begins, on one line."""
    words = body.decode("utf-8", "replace").split()
    return "".join(c for c in " ".join(words) if c.isprintable())[:200]
