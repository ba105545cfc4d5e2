"""Test letters to seeds: what one contact would get, sent to our own people."""

from collections.abc import Sequence

import msgspec

from lettershop.access.audit import audit
from lettershop.app.letters import Letters, Preview
from lettershop.content.letter import Rendered
from lettershop.delivery.seeds import hand_in, message
from lettershop.model.errors import UsageError

OUTBOX = "outbox"
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
    made = [message(_rendered(found), settings.sender, seed, found.who) for seed in seeds]
    places = hand_in(made, settings.smtp, letters.workspace.path / "data" / OUTBOX)
    audit(letters.by, "content.test", found.template, who=found.who, to=list(seeds))
    return [
        TestSent(template=found.template, who=found.who, to=seed, where=place)
        for seed, place in zip(seeds, places, strict=True)
    ]


def raw_source(letters: Letters, found: Preview) -> str:
    """A previewed letter as it would be handed in, headers and all, to the contact's address.

    InputError `sender.unknown`, `sender.address`, `seed.address`.
    """
    to = found.email or NOBODY
    made = message(_rendered(found), letters.workspace.settings.sender, to, found.who)
    return made.as_string().replace("\r\n", "\n")


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
