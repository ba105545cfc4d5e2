"""Test letters to seeds: what one contact would get, sent to our own people."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from lettershop.access.audit import audit
from lettershop.app.letters import Letters, Preview
from lettershop.app.sending.parts import OUTBOX
from lettershop.content.letter import Rendered
from lettershop.delivery.building import StreamSettings
from lettershop.delivery.dkim import KeyRing, Signer
from lettershop.delivery.dkim.folder import FOLDER
from lettershop.delivery.providers.knowledge import of_workspace
from lettershop.delivery.seeds import Test, hand_over, message
from lettershop.delivery.smtp.address import smart_host
from lettershop.delivery.smtp.choosing import MAILBOX, is_direct, transport
from lettershop.delivery.smtp.exchanges import Book, DnsResolver
from lettershop.delivery.transports import file_name
from lettershop.delivery.wire import Outgoing
from lettershop.model.errors import UsageError

NOBODY = "nobody@example.com"
"""Stands in a raw source for the address of a contact that has none."""


class TestSent(msgspec.Struct, frozen=True, kw_only=True):
    """A test letter and where it has gone: a mail server, or a file."""

    __test__ = False

    template: str
    who: str
    to: str
    where: str


def send_test(letters: Letters, found: Preview, to: Sequence[str] = ()) -> list[TestSent]:
    """Send a previewed letter to seeds: all of the setting, or those named in `to`.

    UsageError `seeds.none`, `seeds.unknown`, `letter.not_sendable`; InputError `sender.unknown`;
    Unavailable `smtp.failed`.
    """
    settings = letters.workspace.settings
    seeds = _chosen(settings.seeds, to)
    if found.fate != "letter":
        said = found.reason or "; ".join(one.message for one in found.findings)
        raise UsageError("letter.not_sendable", f"{found.who} gets no letter: {said}")
    signer = _signer(letters)
    made = [message(_test(letters, found, seed), _stream(letters, found), signer) for seed in seeds]
    places = _handed_over(letters, made)
    audit(letters.by, "content.test", found.template, who=found.who, to=list(seeds))
    return [
        TestSent(template=found.template, who=found.who, to=seed, where=place)
        for seed, place in zip(seeds, places, strict=True)
    ]


def raw_source(letters: Letters, found: Preview) -> str:
    """A previewed letter as it would be handed over, headers, signature and all, to the contact's
    address.

    InputError `sender.unknown`, `sender.address`, `seed.address`.
    """
    test = _test(letters, found, found.email or NOBODY)
    made = message(test, _stream(letters, found), _signer(letters))
    return made.content.decode("ascii").replace("\r\n", "\n")


def _test(letters: Letters, found: Preview, to: str) -> Test:
    marketing = _stream(letters, found).stream == "marketing"
    return Test(
        letter=_rendered(found),
        to=to,
        whose=found.who,
        at=letters.workspace.clock.now(),
        unsubscribe=str(found.values.get("unsubscribe_url", "")) if marketing else "",
    )


def _stream(letters: Letters, found: Preview) -> StreamSettings:
    stream = letters.shelf.named(found.template).stream
    return StreamSettings(stream=stream, sender=letters.workspace.settings.sender)


def _signer(letters: Letters) -> Signer:
    return KeyRing(letters.workspace.path / "data" / FOLDER).signer()


def _handed_over(letters: Letters, made: Sequence[Outgoing]) -> list[str]:
    """Where each has gone: the file, the mail server, or the domain of the recipient."""
    setting, outbox = letters.workspace.settings.smtp, letters.workspace.path / "data" / OUTBOX
    knowledge = of_workspace(letters.workspace.path)
    hand_over(made, transport(setting, outbox, knowledge, Book(DnsResolver())))
    return [_place(one, setting, outbox) for one in made]


def _place(one: Outgoing, setting: str, outbox: Path) -> str:
    if not setting:
        return str(outbox / file_name(one))
    if is_direct(setting):
        return one.recipient.rpartition("@")[2]
    if setting == MAILBOX:
        return MAILBOX
    server = smart_host(setting)
    return f"{server.host}:{server.port}"


def _rendered(found: Preview) -> Rendered:
    return Rendered(
        found.subject, found.preheader, found.html, found.text, 0, found.sender, found.reply_to
    )


def _chosen(seeds: Sequence[str], to: Sequence[str]) -> Sequence[str]:
    """Only who is in the setting: a test letter holds somebody's data."""
    if not seeds:
        hint = 'seeds = ["me@example.com"] in lettershop.toml names them'
        raise UsageError("seeds.none", "there are no seeds to send to", hint=hint)
    known = {seed.strip().lower(): seed for seed in seeds}
    unknown = [one for one in to if one.strip().lower() not in known]
    if unknown:
        hint = f"they are {', '.join(seeds)}; the setting seeds names them"
        raise UsageError("seeds.unknown", f"“{unknown[0]}” is not a seed", hint=hint)
    return [known[one.strip().lower()] for one in to] or list(seeds)
