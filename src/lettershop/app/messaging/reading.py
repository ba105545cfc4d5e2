"""Who a message goes to, and what its letter reads of them.

A contact is read as for any letter; of somebody nobody knows yet only the address is known, so all
else is a missing value with its policy.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np

from lettershop.app.freezing.people import read_people
from lettershop.app.letters import Letters
from lettershop.app.messaging.answers import NewMessage, Whom
from lettershop.app.surroundings import surroundings
from lettershop.app.typeset import Typeset
from lettershop.content.audience import Audience
from lettershop.content.catalog.assortment import Assortments
from lettershop.content.gathering import gather_one
from lettershop.content.letter import Block
from lettershop.content.liquid.compiled import CompiledLetter
from lettershop.content.values.needs import Recipient as Reader
from lettershop.content.values.source import Source
from lettershop.content.values.trees import Tree
from lettershop.delivery.ledger.content import Recipient
from lettershop.engines.duckdb.lookup import accounts_of, find_contact
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.emails import normal_email
from lettershop.model.errors import InputError, NotFound, UsageError

NOBODY: Final = -1
LINKS: Final = ("unsubscribe_url", "preferences_url")
"""Made when the letter is built: they hold the number of its row."""


class Addressee(NamedTuple):
    """`contact`: dense id, NOBODY for who is not known yet; `address`: "" for the contact's own."""

    contact: int
    identity: str
    address: str


class Person(NamedTuple):
    """`account`: group id, "" for none; `address`: "" where none is known."""

    identity: str
    account: str
    address: str
    recipient: Recipient


class Reading(NamedTuple):
    """A letter, ready to render for one recipient. `account`: group id, "" for none."""

    letter: CompiledLetter
    values: Tree
    shown: Sequence[int]
    identity: str
    account: str
    address: str
    recipient: Recipient


def reading(
    letters: Letters, ready: Typeset, new: NewMessage, at: int, catalogs: Assortments
) -> Reading:
    """What the letter reads at `at` (ms). Inside a reader's snapshot.

    NotFound `account.unknown`, `audience.account`; UsageError `message.no_address`; and those of
    `addressee`.
    """
    store = letters.workspace.store
    who = addressee(letters, new.to)
    audience = _audience(letters, ready, who, new.account, at)
    person = _person(store, audience, who)
    if not person.address:
        message = f"no address is known of {person.identity}"
        raise UsageError("message.no_address", message, where="to", hint="say one as to.email")
    given = _known_of(new.to, person.address) if who.contact == NOBODY else {}
    reader, values = _values(letters, ready, audience, new.data, given, catalogs)
    letter = ready.letter(new.language or reader.language)
    recipient = person.recipient
    if new.to.name:
        recipient = msgspec.structs.replace(recipient, name=new.to.name)
    return Reading(
        letter=letter,
        values=values,
        shown=ready.shown(letter, audience.shown[0].tolist()),
        identity=person.identity,
        account=person.account,
        address=person.address,
        recipient=recipient,
    )


def addressee(letters: Letters, to: Whom) -> Addressee:
    """A contact that is deleted is nobody any more. NotFound `contact.unknown`,
    `audience.contact`; InputError `address.invalid`; UsageError `message.nobody`."""
    con = letters.workspace.store.con
    email = to.email.strip()
    normal = normal_email(email) if email else None
    if email and normal is None:
        raise InputError("address.invalid", f"“{email[:200]}” is not an address", where="to.email")
    if not to.user_id and normal is None:
        hint = '{"user_id": "U1"} or {"email": "ann@example.com"}'
        raise UsageError("message.nobody", "it is to go to nobody", where="to", hint=hint)
    identity = f"user:{to.user_id}" if to.user_id else f"email:{normal}"
    found = find_contact(con, identity)
    if found is None and not email:
        letters.workspace.store.contact_id(identity)  # raises with the nearest there are
        message = f"{identity} is deleted"
        raise NotFound("audience.contact", message, where="to", hint="say an address as to.email")
    return Addressee(NOBODY if found is None else found, identity, email)


def _audience(letters: Letters, ready: Typeset, who: Addressee, account: str, at: int) -> Audience:
    workspace = letters.workspace
    about = workspace.subject_id("account", account) if account else None
    if who.contact == NOBODY:
        return _alone(ready.blocks, NOBODY, NOBODY if about is None else about, at)
    if not ready.blocks:  # there is no condition to be asked
        account_id = _account_of(letters.workspace.store, who.contact, about)
        return _alone((), who.contact, account_id, at)
    known = letters.audiences
    return gather_one(
        workspace.store,
        [*known.definitions.values()],
        ready.blocks,
        who.contact,
        about,
        at,
        workspace.settings,
        adjust=known.adjust,
    )


def _account_of(store: Store, contact: int, wanted: int | None) -> int:
    """As `gather_one` finds it. NotFound `audience.account`."""
    theirs = accounts_of(store.con, contact)
    if wanted is None:
        return theirs[0] if theirs else NOBODY
    if wanted not in theirs:
        message = "this contact is not one of the account's people"
        raise NotFound("audience.account", message, hint="leave out the account")
    return wanted


def _alone(blocks: Sequence[Block], contact: int, account: int, at: int) -> Audience:
    """One recipient, of whom no condition of any block is true."""
    return Audience(
        segment="",
        as_of=at,
        contacts=np.array([contact], np.int64),
        accounts=np.array([account], np.int64),
        shown=np.array([[len(block.conditions) for block in blocks]], np.int8),
        matched={},
        defaults={},
    )


def _person(store: Store, audience: Audience, who: Addressee) -> Person:
    """An address that was said goes before the contact's own."""
    if who.contact == NOBODY:
        about = int(audience.accounts[0])
        account = store.account_names([about])[about] if about != NOBODY else ""
        return Person(who.identity, account, who.address, Recipient())
    people = read_people(store, audience)
    address = who.address or people.addresses[0]
    return Person(people.contacts[0], people.accounts[0], address, people.recipients[0])


def _known_of(to: Whom, address: str) -> Mapping[str, str]:
    return {"email": address} | ({"name": to.name.strip()} if to.name.strip() else {})


def _values(
    letters: Letters,
    ready: Typeset,
    audience: Audience,
    data: Mapping[str, Any],
    given: Mapping[str, str],
    catalogs: Assortments,
) -> tuple[Reader, Tree]:
    """`given`: of the contact, where there are no facts."""
    workspace = letters.workspace

    def told(readers: Sequence[Reader], values: Sequence[Tree]) -> None:
        for tree in values:  # before other systems are asked with it
            if given:
                tree["contact"] = {**given, **tree.get("contact", {})}
            for name, value in given.items():
                tree.setdefault(name, value)

    with (
        surroundings(workspace, ready.template, audience.as_of, catalogs.get, data) as (around, _),
        Source(workspace.store, ready.template, ready.reads(), audience, around) as source,
    ):
        (chunk,) = source.chunks(before_defaults=told)
        return chunk.recipients[0], chunk.values[0]
