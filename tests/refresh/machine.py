"""Plays a script to a store and its refresher, and checks every refresh against all there is:

the referee, told the same facts     modes and pins on top of it (naive.py)
the full evaluation                  with the same modes and pins
the transitions                      by themselves (ledger.py)
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from shutil import copyfile
from typing import Any, Protocol, assert_never

import histories
from pyroaring import BitMap
from refresh.dense import Names, adjusting, recorded
from refresh.ledger import Happened, Ledger, Row, check_causes
from refresh.naive import CATALOG, Asked, Kept, Told, members
from refresh.script import Ask, Pinned, Rated, Restart, Step, Tell, Tick, Undo

from lettershop.engines.duckdb import merges
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.refresh.tables import read_memberships
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.language import references
from lettershop.language.tree import SegmentHistory
from lettershop.language.walk import walk
from lettershop.model.clock import format_instant
from lettershop.model.facts import AnyFact, EventFact
from lettershop.model.values import MICRO
from lettershop.planning.keep import Keep, Pin
from lettershop.planning.order import needed

TYPES = {(scope, info.name): info.type for scope, info in CATALOG.everything()}


class Refreshing(Protocol):
    def compute(self, store: Store, keeps: Sequence[Keep], as_of: int) -> Any: ...
    def persist(self, store: Store, found: Any) -> None: ...


class Differs(AssertionError):
    """Somebody is in a segment for one of the three and not for another."""


def opened(path: Path | None = None) -> Store:
    """A single thread: the shop is small, and so are the others next to it."""
    store = Store.open(path, settings=histories.SETTINGS)
    store.con.execute("SET threads = 1")
    for name, salt in histories.SALTS.items():
        store.set_salt(name, salt)
    return store


def say(store: Store, facts: Sequence[AnyFact]) -> None:
    load(store, facts, types=TYPES)
    store.con.execute(  # what the mapping of an import says of a column of amounts
        "UPDATE fields SET currency = 'currency', currencies = ['EUR', 'USD']"
        " WHERE currency IS NULL AND (name = 'revenue' AND scope = 'event:Order Completed'"
        " OR name = 'amount' AND scope = 'record:deal')"
    )
    store.forget()


class Shop:
    """A shop that has just opened, kept in a file: to start from it takes no loading."""

    def __init__(self, folder: Path, facts: Sequence[AnyFact]) -> None:
        self.facts = facts
        self._template, self._copy = folder / "opening.duckdb", folder / "shop.duckdb"
        for path in (self._template, self._copy):
            path.unlink(missing_ok=True)
        with opened(self._template) as store:
            say(store, facts)

    def open(self) -> Store:
        copyfile(self._template, self._copy)
        return opened(self._copy)


class Machine:
    """One shop, from its opening on."""

    def __init__(self, store: Store, noted: Counter[str]) -> None:
        self.store, self.noted = store, noted
        self.refresher: Refreshing = Refresher(histories.SETTINGS)
        self.told, self.kept, self.ledger = Told(), Kept(), Ledger()
        self.asked: list[Asked] = []
        self.keeps: list[Keep] = []
        self.current: dict[str, Keep] = {}
        """What was kept at the last refresh."""
        self.pins: Sequence[tuple[str, str, str, bool]] = ()
        self.at: int | None = None
        self.heard: list[AnyFact] = []
        self.joinings, self.rated = 0, False

    def play(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self.happen(step)
            if not step.quiet and self.asked:
                self.refresh(step.at)
        self.ledger.check_history(self.store)

    # --- what happens -----------------------------------------------------------------------------

    def happen(self, step: Step) -> None:
        match step.what:
            case Tell(facts=facts):
                say(self.store, facts)
                self.hear(facts)
            case Undo(nth=nth):
                if undoable := self.told.undoable():
                    self.undo(undoable[nth % len(undoable)], step.at)
            case Ask(definitions=definitions, versions=versions):
                self.asked = [Asked(*pair) for pair in zip(definitions, versions, strict=True)]
            case Pinned(pins=pins):
                self.pins = pins
            case Rated(rates=rates):
                self.told.rates, self.rated = rates, True
                self.store.set_rates(
                    (r.source, r.target, r.day, Decimal(r.rate) / MICRO) for r in rates
                )
            case Restart(lost=lost):
                if lost and self.asked:
                    self.resolve()
                    self.refresher.compute(self.store, self.keeps, step.at)
                self.refresher = Refresher(histories.SETTINGS)
            case Tick():
                pass
            case _:
                assert_never(step.what)

    def hear(self, facts: Sequence[AnyFact]) -> None:
        """What the store was told."""
        self.told.tell(facts)
        self.heard += facts

    def undo(self, nth: int, at: int) -> None:
        merges.undo(self.store, nth + 1, at)
        self.store.forget()
        self.told.who.undo(nth)
        self.noted["undone"] += 1

    # --- a refresh --------------------------------------------------------------------------------

    def refresh(self, at: int) -> None:
        earlier = self.current
        names = self.resolve()
        self.told.recorded = recorded(self.ledger.rows, names)
        self.current = {keep.name: keep for keep in self.keeps}
        happened = self.happened(at, earlier)
        found = self.refresher.compute(self.store, self.keeps, at)
        self.refresher.persist(self.store, found)
        self.noted["full" if found.full else "steps"] += 1
        self.check(at, happened, names, full=bool(found.full))
        self.at, self.heard = at, [fact for fact in self.heard if not fact.visible(at)]
        self.joinings, self.rated = self._joinings(), False

    def resolve(self) -> Names:
        """What is to be kept current, pins by dense id; pins of nobody are left out."""
        names = Names(self.store)
        self.asked = [
            Asked(a.definition, a.version, self._pins(a.definition.name, names)) for a in self.asked
        ]
        self.keeps = []
        for asked in self.asked:
            numbers = names.numbers[asked.definition.subject]
            pins = tuple(sorted(Pin(numbers[who], include) for who, include in asked.pins))
            self.keeps.append(Keep(definition=asked.definition, version=asked.version, pins=pins))
        return names

    def _pins(self, segment: str, names: Names) -> frozenset[tuple[object, bool]]:
        found: set[tuple[object, bool]] = set()
        for name, contact, account, include in self.pins:
            leader = self.told.who.of(contact)
            who: object = (leader, account) if contact and account else leader or account
            if name == segment and any(who in known for known in names.numbers.values()):
                found.add((who, include))
        return frozenset(found)

    def happened(self, at: int, earlier: Mapping[str, Keep]) -> Happened:
        asked = {a.definition.name for a in self.asked}
        renewed = {a.definition.name for a in self.asked if self.kept.before(a, self.told) is None}
        renewed |= earlier.keys() - asked
        pins = {name: keep.pins for name, keep in earlier.items()}
        repinned = {keep.name for keep in self.keeps if keep.pins != pins.get(keep.name, ())}
        visible = [fact for fact in self.heard if fact.visible(at)]
        return Happened(
            before=self.at,
            renewed=renewed,
            through=self._dependents(renewed),
            repinned=self._dependents(repinned),
            joined=self._joinings() != self.joinings,
            echoes=self._dependents({a.definition.name for a in self.asked if _follows(a)}),
            events=any(isinstance(fact, EventFact) for fact in visible),
            others=self.rated or bool(visible),  # events of somebody new write their names, too
        )

    def _dependents(self, names: set[str]) -> set[str]:
        found = {*names}
        for asked in self.asked:  # in order: what is referred to stands before
            if found & references(asked.definition.where):
                found.add(asked.definition.name)
        return found

    def _joinings(self) -> int:
        touched = self.store.con.execute("SELECT count(*) FROM touched").fetchall()[0][0]
        return len(self.told.who.merges) + len(self.told.who.undone) + int(touched)

    # --- the check --------------------------------------------------------------------------------

    def check(self, at: int, happened: Happened, names: Names, *, full: bool) -> None:
        right = members(self.told, self.kept, self.asked, at)
        stored = read_memberships(self.store.con)
        subjects = {a.definition.name: a.definition.subject for a in self.asked}
        finals = {name: names.ids(subjects[name], found) for name, found in right.items()}
        # It is dear, and compared with the referee by itself (tests/engines/test_equal.py).
        anew = self.full(at, names) if at % 3 == 0 else finals
        for name, subject in subjects.items():
            said = {"refresh": stored.get(name), "full": anew[name], "referee": finals[name]}
            if any(one != finals[name] for one in said.values()):
                told = {who: sorted(map(str, names.told(subject, a))) for who, a in said.items()}
                raise Differs(f"“{name}” at {format_instant(at)} ({at}): {told}")
        assert stored.keys() == right.keys()
        rows = self.ledger.read(self.store, at)
        self.ledger.check_members(stored, at)
        check_causes(rows, happened, at, full=full)
        if not full and not happened.events and not happened.others and not happened.joined:
            self.check_moments(rows, at, names)
        self.kept.sets = {a.definition.name: (a.rule, right[a.definition.name]) for a in self.asked}
        self.note(rows)

    def check_moments(self, rows: Sequence[Row], at: int, names: Names) -> None:
        """What the clock alone did, and when: the millisecond before, all was as before."""
        plain = {a.definition.name: a for a in self.asked if self._is_plain(a)}
        for row in rows:
            if row.cause != "time" or row.segment not in plain or row.effective_at == at:
                continue
            self.noted["exact moments"] += 1
            for moment, entered in ((row.effective_at, True), (row.effective_at - 1, False)):
                subject = plain[row.segment].definition.subject
                found = members(self.told, self.kept, self.asked, moment)[row.segment]
                inside = row.subject in names.ids(subject, found)
                assert inside == (entered == row.entered), f"not at that moment: {row}"

    def _is_plain(self, asked: Asked) -> bool:
        """Whether who was in before, and who is pinned, plays no part."""
        closure = needed([a.definition for a in self.asked], [asked.definition.name])
        named = {definition.name for definition in closure}
        return not any(
            a.pins or a.definition.mode != "dynamic" or _follows(a)
            for a in self.asked
            if a.definition.name in named
        )

    def full(self, at: int, names: Names) -> dict[str, BitMap]:
        """Everything evaluated anew, modes and pins by sets of dense ids."""
        asked = [a.definition for a in self.asked]
        adjust = adjusting(self.asked, self.kept, self.told, names)
        answer = evaluate(self.store, asked, at, adjust=adjust)
        return {definition.name: answer.members(definition.name) for definition in asked}

    def note(self, rows: Sequence[Row]) -> None:
        self.noted["refreshes"] += 1
        self.noted.update(row.cause for row in rows)
        self.noted["left"] += sum(not row.entered for row in rows)


def _follows(asked: Asked) -> bool:
    """Whether it asks for transitions, which it hears of one refresh later."""
    return any(isinstance(node, SegmentHistory) for node in walk(asked.definition.where))
