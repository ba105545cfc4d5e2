"""The message as bytes: RFC 5322, CRLF, UTF-8, what is the same for everybody made only once.

    blueprint.py  start here: Blueprint (per template variant and stream) and Slots (per recipient)
    stream.py     StreamSettings: what all letters of a stream say of themselves, checked once
    address.py    who is written to: names, domains as A-labels;  fields.py: header lines
    body.py       text as quoted-printable or base64;  parts.py: parts, attachments, file names
    invitation.py calendar invitations (RFC 5545)

No value can begin a header of its own: control characters and line separators end as spaces in
header text, and are refused in addresses and links.
"""

from lettershop.delivery.building.address import Mailbox, mailbox, wire_address
from lettershop.delivery.building.blueprint import Blueprint, Slots
from lettershop.delivery.building.invitation import Invitation
from lettershop.delivery.building.parts import Attachment
from lettershop.delivery.building.stream import StreamSettings

__all__ = [
    "Attachment",
    "Blueprint",
    "Invitation",
    "Mailbox",
    "Slots",
    "StreamSettings",
    "mailbox",
    "wire_address",
]
