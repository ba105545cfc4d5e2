"""Calendar invitations: what a mail program shows with buttons for yes and no (RFC 5545, 6047)."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal
from urllib.parse import quote

import msgspec

from lettershop.delivery.building.address import Mailbox, mailbox
from lettershop.delivery.building.fields import cleaned
from lettershop.model.clock import from_ms
from lettershop.model.errors import InputError

_LINE: Final = 75
"""Octets of a line (RFC 5545 3.1)."""


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """`start`, `end`: ms. `organizer`: `Ann Lee <ann@example.com>`, who gets the answers. `uid` is
    the same for every version of an appointment, `sequence` greater with each. Whoever the letter
    goes to is the one who is invited."""

    uid: str
    summary: str
    start: int
    end: int
    organizer: str
    location: str = ""
    description: str = ""
    sequence: int = 0
    method: Literal["REQUEST", "CANCEL"] = "REQUEST"

    def text(self, attendee: Mailbox, at: int) -> str:
        """iCalendar, CRLF, folded. `at`: when it is written (ms). InputError `invitation.time`,
        `address.invalid`."""
        if self.end <= self.start:
            said = "the appointment ends before it begins"
            raise InputError("invitation.time", said, where=self.uid[:100])
        return "".join(f"{line}\r\n" for one in self._lines(attendee, at) for line in _folded(one))

    def _lines(self, attendee: Mailbox, at: int) -> Iterator[str]:
        status = "CONFIRMED" if self.method == "REQUEST" else "CANCELLED"
        yield from ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Lettershop//Lettershop//EN")
        yield from ("CALSCALE:GREGORIAN", f"METHOD:{self.method}", "BEGIN:VEVENT")
        yield f"UID:{_text(cleaned(self.uid))}"
        yield f"DTSTAMP:{_utc(at)}"
        yield f"DTSTART:{_utc(self.start)}"
        yield f"DTEND:{_utc(self.end)}"
        yield f"SUMMARY:{_text(cleaned(self.summary))}"
        if self.location:
            yield f"LOCATION:{_text(cleaned(self.location))}"
        if self.description:
            yield f"DESCRIPTION:{_text(self.description)}"
        organizer = mailbox(self.organizer)
        yield f"ORGANIZER{_name(organizer)}:{_address(organizer)}"
        role = ";ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE"
        yield f"ATTENDEE{_name(attendee)}{role}:{_address(attendee)}"
        yield from (f"SEQUENCE:{self.sequence}", f"STATUS:{status}", "END:VEVENT", "END:VCALENDAR")


def _name(who: Mailbox) -> str:
    """`;CN="Ann Lee"`; a parameter cannot hold a double quote."""
    name = cleaned(who.name).replace('"', "'")
    return f';CN="{name}"' if name else ""


def _address(who: Mailbox) -> str:
    return f"mailto:{quote(who.address, safe='@!$*+-._~')}"


def _text(said: str) -> str:
    """Escaped as a value of type TEXT; no control character but the line's end."""
    said = re.sub(r"\r\n?|[\u2028\u2029\x85]", "\n", said)
    said = "".join(c for c in said if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    said = re.sub(r"([\\;,])", r"\\\1", said)
    return said.replace("\n", "\\n")


def _utc(instant: int) -> str:
    return from_ms(instant).strftime("%Y%m%dT%H%M%SZ")


def _folded(line: str) -> Iterator[str]:
    """Pieces of at most 75 octets, no character cut, those after the first begin with a space."""
    piece, size = "", 0
    for char in line:
        octets = len(char.encode())
        if size + octets > _LINE:
            yield piece
            piece, size = " ", 1
        piece, size = piece + char, size + octets
    yield piece
