"""Who is who: identities said in one breath, walked in the order in which they were loaded.

`Walk` is told what is stored of the contacts at hand, hears facts, and knows afterwards which new
identity belongs to whom, which contacts became one, and what was said but may not be
(docs/explanation/meaning.md, “Who is who”).
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from lettershop.model.facts import ALIAS_USER_IDS, is_identified
from lettershop.model.settings import Settings

_EMAIL, _ANONYMOUS = 1, 2
"""Places of a contact's counts; user ids are at 0."""


class Refused(msgspec.Struct, frozen=True):
    """A fact that was not loaded, or (as a note) not all it says; and why. `row` is the row of its
    stage."""

    row: int
    code: str
    message: str


class Heard(msgspec.Struct, frozen=True):
    """What a fact says about who is who: its main identity first; `at` is when it was received."""

    row: int
    ids: tuple[str, ...]
    alias: bool = False
    at: int = 0
    message_id: str = ""


class Merge(msgspec.Struct, frozen=True):
    """Two contacts became one. Contacts are named by their leading identity; `identities` are
    those the absorbed one had. The numbers are dense ids, None for a contact that was new."""

    fact: Heard
    survivor: str
    absorbed: str
    survivor_id: int | None
    absorbed_id: int | None
    identities: tuple[str, ...]


class Contact:
    """A contact during the walk. `nth` sorts contacts by when they became known; `leader` is the
    identity that stands for them, and that their random key is drawn from."""

    def __init__(self, leader: str, nth: tuple[bool, int], number: int | None) -> None:
        self.leader, self.nth, self.number = leader, nth, number
        self.ids: list[str] = []
        self.counts = [0, 0, 0]

    def take(self, ids: Sequence[str]) -> None:
        for identity in ids:
            self.ids.append(identity)
            self.counts[sort_of(identity)] += 1

    @property
    def identified(self) -> bool:
        return self.counts[_ANONYMOUS] < len(self.ids)


class Walk:
    """Contacts as they are now, by identity; grows with what is heard."""

    def __init__(self, settings: Settings, apart: Iterable[tuple[str, str]] = ()) -> None:
        """`apart`: pairs of identities whose contacts may not be one."""
        self.settings = settings
        self.owner: dict[str, Contact] = {}
        self.merges: list[Merge] = []
        self.notes: list[Refused] = []
        self.left_out: list[str] = []
        """For each note the identity that may not be joined to the fact's main one."""
        self._stored: set[str] = set()
        self._new = 0
        self._apart: dict[str, set[str]] = {}
        for a, b in apart:
            self._apart.setdefault(a, set()).add(b)
            self._apart.setdefault(b, set()).add(a)

    def store_holds(self, rows: Iterable[tuple[str, int, str]]) -> None:
        """Stored (identity, dense contact id, leading identity of that contact), in their order."""
        found: dict[int, Contact] = {}
        for identity, number, leader in rows:
            contact = found.get(number)
            if contact is None:
                contact = found[number] = Contact(leader, (False, number), number)
            self._give(contact, (identity,))
            self._stored.add(identity)

    def hear(self, fact: Heard) -> None:
        current = self.owner.get(fact.ids[0])
        fresh = current is None
        if current is None:
            self._new += 1
            current = Contact(fact.ids[0], (True, self._new), None)
            self._give(current, fact.ids[:1])
        for other in sorted(fact.ids[1:], key=sort_of):
            theirs = self.owner.get(other)
            if theirs is current:
                continue
            if why := self._forbids(current, theirs, other, alias=fact.alias):
                self._note(fact, other, theirs, why)
            elif theirs is None:
                self._give(current, (other,))
            elif fresh:  # nobody knew this contact before: its identities simply belong
                self._give(theirs, current.ids)
                current, fresh = theirs, False
            else:
                current = self._merge(current, theirs, fact)

    def joint(self) -> Mapping[str, str]:
        """Each identity that is new -> the one that leads its contact."""
        found = self.owner.items()
        return {i: contact.leader for i, contact in found if i not in self._stored}

    def absorbed(self) -> Mapping[int, str]:
        """Each stored contact that is no longer its own -> the leader of the one it is in."""
        ends = {m.absorbed: self.owner[m.absorbed].leader for m in self.merges}
        return {m.absorbed_id: ends[m.absorbed] for m in self.merges if m.absorbed_id is not None}

    def _give(self, contact: Contact, ids: Sequence[str]) -> None:
        contact.take(ids)
        self.owner.update(dict.fromkeys(ids, contact))

    def _merge(self, one: Contact, two: Contact, fact: Heard) -> Contact:
        """The identified one survives, else the one known first."""
        survivor, absorbed = sorted((one, two), key=lambda c: (not c.identified, c.nth))
        self.merges.append(
            Merge(
                fact,
                survivor.leader,
                absorbed.leader,
                survivor.number,
                absorbed.number,
                tuple(absorbed.ids),
            )
        )
        self._give(survivor, absorbed.ids)
        return survivor

    def _forbids(
        self, current: Contact, theirs: Contact | None, other: str, *, alias: bool
    ) -> str | None:
        """The rule against joining them, if there is one. What a contact has too many of already
        does not keep it from being given something else."""
        adds = [0, 0, 0]
        adds[sort_of(other)] = 1
        most = (
            (ALIAS_USER_IDS if alias else 1, "user ids" if alias else "user id"),
            (self.settings.most_emails, "e-mail addresses"),
            (self.settings.most_anonymous, "anonymous ids"),
        )
        for has, more, (limit, words) in zip(
            current.counts, theirs.counts if theirs else adds, most, strict=True
        ):
            if has and more and has + more > limit:
                return f"one contact has at most {limit} {words}"
        if self._apart and self._kept_apart(current, theirs.ids if theirs else (other,)):
            return "the two were taken apart and are kept apart"
        return None

    def _kept_apart(self, current: Contact, ids: Sequence[str]) -> bool:
        mine = set(current.ids)
        return any(not mine.isdisjoint(self._apart.get(i, ())) for i in ids)

    def _note(self, fact: Heard, other: str, theirs: Contact | None, why: str) -> None:
        place = "stays with its contact" if theirs else "is left out"
        message = f"“{other}” is not joined to “{fact.ids[0]}” and {place}: {why}"
        self.notes.append(Refused(fact.row, "identity.not_joined", message))
        self.left_out.append(other)


def sort_of(identity: str) -> int:
    """User ids come first, then addresses, then anonymous ids."""
    if not is_identified(identity):
        return _ANONYMOUS
    return _EMAIL if identity.startswith("email:") else 0
