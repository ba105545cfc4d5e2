"""Test letters: written, signed and handed over as all letters are, one by one and at once. There
is no ledger for them: nobody but our own people gets one."""

import asyncio
import secrets
from collections.abc import Sequence
from typing import Final

import msgspec

from lettershop.content.letter import Rendered
from lettershop.delivery.building import Blueprint, Slots, StreamSettings, mailbox, wire_address
from lettershop.delivery.building.fields import text_field
from lettershop.delivery.dkim import Signer
from lettershop.delivery.wire import Connection, Lost, Outgoing, Reply, Transport, Unwelcome
from lettershop.model.errors import InputError, Unavailable

MARK: Final = "X-Lettershop-Test"
NUMBERS: Final = 2**52
"""In place of rows of the ledger: no test letter is taken for another one."""


class Test(msgspec.Struct, frozen=True, kw_only=True):
    """`whose`: identity of the contact whose letter it is. `unsubscribe`: the link in the letter,
    "" for none. `at`: ms."""

    __test__ = False

    letter: Rendered
    to: str
    whose: str
    at: int
    unsubscribe: str = ""


def message(one: Test, settings: StreamSettings, signer: Signer | None = None) -> Outgoing:
    """A whole message, signed where there is a key for its sender.

    InputError `sender.unknown`, `sender.address`, `seed.address`, and those of Blueprint.build.
    """
    said = one.letter.sender or settings.sender
    sender = _address(said, "From", "sender.address") if said else ""
    if one.letter.reply_to:
        _address(one.letter.reply_to, "Reply-To", "sender.address")
    slots = Slots(
        id=secrets.randbelow(NUMBERS),
        token=secrets.token_urlsafe(9),
        to=_address(one.to, "To", "seed.address"),
        at=one.at,
        unsubscribe=one.unsubscribe,
    )
    content = text_field(MARK, one.whose) + Blueprint(settings).build(one.letter, slots)
    signature = signer.sign(content) if signer and signer.active(sender.rpartition("@")[2]) else b""
    return Outgoing(
        id=slots.id, sender=sender, recipient=wire_address(slots.to), content=signature + content
    )


def hand_over(messages: Sequence[Outgoing], transport: Transport) -> None:
    """All of them, over one connection each. Unavailable `smtp.failed` with what the server said;
    those before it have gone."""
    asyncio.run(_hand_over(messages, transport))


async def _hand_over(messages: Sequence[Outgoing], transport: Transport) -> None:
    for one in messages:
        try:
            connection = await transport.connect("")
            try:
                reply = await _offered(one, connection)
            finally:
                await connection.close()
        except Unwelcome as error:
            reply = error.reply
        except Lost as error:
            raise _failed(one, str(error)) from None
        if not reply.taken:
            raise _failed(one, f"{reply.code} {reply.status} {reply.text}")


async def _offered(one: Outgoing, connection: Connection) -> Reply:
    reply = await connection.offer(one)
    return await connection.finish() if reply.taken else reply


def _failed(one: Outgoing, said: str) -> Unavailable:
    message = f"the test letter to {one.recipient} was not taken: {said}"
    return Unavailable("smtp.failed", message[:500], hint="see the setting smtp")


def _address(said: str, field: str, code: str) -> str:
    try:
        return mailbox(said).address
    except InputError as error:
        raise InputError(code, error.message, where=field, hint=error.hint) from None
