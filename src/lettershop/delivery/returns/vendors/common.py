"""What the webhooks of providers have in common."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from lettershop.delivery.returns.addresses import clean
from lettershop.delivery.returns.notices import SHOWN
from lettershop.delivery.returns.rules import packaged, spoken
from lettershop.delivery.returns.said import Affected, Kind, Return
from lettershop.delivery.said import BounceClass
from lettershop.model.errors import AccessError, InputError

MOST_EVENTS: Final = 10_000


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One event of a provider. `kind` None: about nothing that comes back (opens, clicks).
    `fallback`: its own word for the bounce, for where the diagnostic says nothing."""

    kind: Kind | None
    id: str
    address: str = ""
    message_id: str = ""
    status: str = ""
    code: int = 0
    diagnostic: str = ""
    fallback: BounceClass = "unclear"
    at: int | None = None
    sender: str = ""


def made(told: Told, vendor: str) -> Return | None:
    if told.kind is None:
        return None
    affected: tuple[Affected, ...] = ()
    if told.kind in ("bounce", "delayed", "delivered", "complaint"):
        affected = (_affected(told),)
    return Return(
        kind=told.kind,
        id=f"<{told.id}@{vendor}>",
        affected=affected,
        message_id=bracketed(told.message_id),
        references=(bracketed(told.message_id),) if told.message_id else (),
        sender=clean(told.address),
        at=told.at,
        snippet=told.diagnostic[:200],
        rule=f"webhook.{vendor}",
        signed=True,
    )


def _affected(told: Told) -> Affected:
    said = spoken(told.diagnostic, code=told.code, status=told.status)
    kind: BounceClass = "unclear"
    rule = ""
    if told.kind == "bounce":
        verdict = packaged().classify(said)
        vague = verdict.bounce_class == "unclear" or not verdict.rule
        kind, rule = verdict.bounce_class, verdict.rule
        if vague and told.fallback != "unclear":
            kind, rule = told.fallback, "webhook.word"
    elif told.kind == "delayed":
        kind, rule = "temporary", "webhook.word"
    return Affected(
        address=clean(told.address),
        action="delayed" if told.kind == "delayed" else "failed" if told.kind == "bounce" else "",
        status=said.status,
        diagnostic=" ".join(told.diagnostic.split())[:SHOWN],
        bounce_class=kind,
        rule=rule,
    )


def bracketed(message_id: str) -> str:
    said = message_id.strip()
    return said if not said or said.startswith("<") else f"<{said}>"


def header(headers: Mapping[str, str], name: str) -> str:
    """Whatever the case of its name."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


def decoded(body: bytes) -> Any:
    """InputError `webhook.body` where it is no JSON."""
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        raise InputError("webhook.body", "the webhook holds no JSON") from None


def mapping(said: Any) -> Mapping[str, Any]:
    return said if isinstance(said, dict) else {}


def text(said: Any, name: str) -> str:
    """A field as text; "" where it is missing or no scalar."""
    value = mapping(said).get(name)
    return str(value)[:4_000] if isinstance(value, str | int | float) else ""


def moment(said: str) -> int | None:
    """ms of an ISO time; None where it is none."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        return None
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)


def seconds(said: Any) -> int | None:
    """ms of a number of seconds since 1970."""
    try:
        found = float(said)
    except (TypeError, ValueError, OverflowError):
        return None
    return int(found * 1000) if 0 < found < 1e11 else None


def unbase64(said: str) -> bytes:
    try:
        return base64.b64decode(said, validate=True)
    except (binascii.Error, ValueError):
        raise forged() from None


def forged(why: str = "the signature does not fit") -> AccessError:
    return AccessError("webhook.signature", f"the webhook was not signed by the provider: {why}")
