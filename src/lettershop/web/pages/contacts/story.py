"""Entries of a timeline ready to be drawn."""

from typing import Any, Final, assert_never
from urllib.parse import quote

import msgspec
from django.utils.translation import gettext as _

from lettershop.app.changes import Changed
from lettershop.app.portrait.letters import EVENTS
from lettershop.app.portrait.story import moment_of
from lettershop.app.portrait.values import origin_of
from lettershop.app.timeline import (
    AnyEntry,
    EventEntry,
    MembershipEntry,
    RecordEntry,
    TraitsEntry,
)
from lettershop.web.pages.contacts.asked import account_address, contact_address
from lettershop.web.pages.contacts.drawn import Pair, drawn, pairs
from lettershop.web.pages.contacts.words import CAUSE, GRADE, GRADE_COLOUR, ORIGIN, word

FIRST: Final = 4
"""Values of an entry that are shown at once."""
OURS: Final = frozenset({"hit", "grade", "grade_reasons", "message", "send", "delivered_at"})
"""Properties of events about letters that are shown otherwise, or say nothing to people."""
ICONS: Final = {
    "Email Sent": "mail",
    "Email Delivered": "mail",
    "Email Opened": "mail-opened",
    "Email Link Clicked": "click",
    "Email Replied": "message",
    "Email Auto Replied": "message",
    "Email Bounced": "alert-triangle",
    "Email Marked as Spam": "alert-triangle",
    "Unsubscribed": "ban",
}


class Item(msgspec.Struct, frozen=True, kw_only=True):
    """`at`: ms. `link`: where the title leads, `beside`: whom it is about besides. `badge`: who
    opened or clicked, with its `colour`. `more`: values behind a click."""

    at: int
    icon: str
    title: str
    link: str = ""
    hint: str = ""
    beside: tuple[tuple[str, str], ...] = ()
    badge: str = ""
    colour: str = ""
    pairs: tuple[Pair, ...] = ()
    more: tuple[Pair, ...] = ()


def item(entry: AnyEntry | Changed, side: str) -> Item:
    """`side`: on whose page it stands, which is not named again."""
    match entry:
        case EventEntry():
            return _event(entry, side)
        case TraitsEntry():
            return _traits(entry)
        case MembershipEntry():
            return _membership(entry, side)
        case RecordEntry():
            return _record(entry, side)
        case Changed():
            return _change(entry, side)
        case _:
            assert_never(entry)


def _event(entry: EventEntry, side: str) -> Item:
    said, letter = entry.properties, _letter(entry)
    grade = said.get("grade") if entry.name in EVENTS else None
    reasons = said.get("grade_reasons")
    shown = {k: v for k, v in said.items() if k not in OURS} if grade or letter else said
    return Item(
        **_values(shown),
        at=moment_of(entry),
        icon=ICONS.get(entry.name, "activity"),
        title=entry.name,
        link=letter,
        hint=", ".join(map(str, reasons)) if grade and isinstance(reasons, list) else "",
        beside=_beside(entry.contact, entry.account, side),
        badge=word(GRADE, grade) if isinstance(grade, str) else "",
        colour=GRADE_COLOUR.get(str(grade), "secondary"),
    )


def _letter(entry: EventEntry) -> str:
    row = entry.properties.get("message")
    known = entry.name in (*EVENTS, "Email Sent")
    return f"/letters/{int(row)}" if known and isinstance(row, int) and row > 0 else ""


def _traits(entry: TraitsEntry) -> Item:
    title = _("Traits")
    if entry.deleted is not None:
        title = _("Ended") if entry.deleted else _("Here again")
    hint = word(ORIGIN, origin_of(entry.message_id))
    return Item(**_values(entry.traits), at=moment_of(entry), icon="tag", title=title, hint=hint)


def _membership(entry: MembershipEntry, side: str) -> Item:
    return Item(
        at=moment_of(entry),
        icon="building",
        title=_("Joined the account") if entry.joined else _("Left the account"),
        hint=entry.role or "",
        beside=_beside(entry.contact, entry.account, side),
    )


def _record(entry: RecordEntry, side: str) -> Item:
    title = f"{entry.record} {entry.id}"
    if entry.deleted:
        title += " · " + _("deleted")
    return Item(
        **_values(entry.fields),
        at=moment_of(entry),
        icon="file-text",
        title=title,
        beside=_beside(entry.contact, entry.account, side),
    )


def _change(entry: Changed, side: str) -> Item:
    said = _("Entered %(segment)s") if entry.change == "entered" else _("Left %(segment)s")
    return Item(
        at=moment_of(entry),
        icon="chart-pie",
        title=said % {"segment": entry.segment},
        link=f"/segments/{quote(entry.segment)}",
        hint=word(CAUSE, entry.cause),
        beside=_beside(None, entry.account, side) if entry.subject == "people" else (),
    )


def _beside(contact: str | None, account: str | None, side: str) -> tuple[tuple[str, str], ...]:
    found = []
    if contact is not None and side != "contact":
        found.append((contact.partition(":")[2], contact_address(contact)))
    if account is not None and side != "account":
        found.append((account, account_address(account)))
    return tuple(found)


def _values(values: dict[str, Any]) -> dict[str, Any]:
    all_ = tuple(one for one in pairs(values) if values[one.name] is not None)
    ended = tuple(Pair(name, drawn(None)) for name, value in values.items() if value is None)
    found = (*all_, *ended)
    return {"pairs": found[:FIRST], "more": found[FIRST:]}
