"""One bounded step towards all derived traits being what they should be.

Looked at are, in this order: traits that are no longer defined (their values become unknown), those
that are new or changed (everybody, part by part), then whoever entered or left a hidden segment
since the last step, and whose earlier facts were changed by a merge. `planned` only reads;
`carry_out` stores facts and progress in one transaction. Killed in between, nothing is lost.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec
import numpy as np
from pyroaring import BitMap

from lettershop.engines.duckdb.compose import name as quoted, sql
from lettershop.engines.duckdb.refresh.tables import read_kept, read_memberships
from lettershop.engines.duckdb.rows import Types
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import HIDDEN
from lettershop.planning.frame import Ints
from lettershop.planning.keep import Keep
from lettershop.profile.compiled import EVERYBODY, definitions_of, trait_of
from lettershop.profile.folder import Book
from lettershop.profile.state import Progress, State, begun, read_state, removed, sign, write_state
from lettershop.profile.traits import Rfm, Rollup, Ruled, TraitSubject, types_of
from lettershop.profile.values import Membership, Value, values_of
from lettershop.profile.writing import BATCH, Written, changes, store_facts


class Planned(msgspec.Struct, frozen=True, kw_only=True):
    """What a step will store; afterwards there may be more to do."""

    before: State
    after: State
    facts: tuple[Written, ...] = ()
    types: Types = {}


def planned(store: Store, book: Book, as_of: int) -> Planned | None:
    """The next step, or None when there is nothing to do."""
    return _Step(store, book, as_of).plan()


def forgetting(store: Store, book: Book, as_of: int) -> Planned | None:
    """The next step of taking away the values of traits that are defined no longer."""
    return _Step(store, book, as_of).forget()


def carry_out(store: Store, plan: Planned) -> bool:
    """Store it; False, and nothing is stored, when another step came first."""
    with store.transaction():
        if read_state(store) != plan.before:
            return False
        store_facts(store, plan.facts, plan.types)
        write_state(store, plan.after)
    return True


class _Step:
    def __init__(self, store: Store, book: Book, as_of: int) -> None:
        self.store, self.book, self.as_of = store, book, as_of
        self.state = read_state(store)
        self.kept = read_kept(store.con)

    def plan(self) -> Planned | None:
        return self.forget() or self._sweep() or self._follow()

    def ready(self) -> list[Ruled]:
        """Traits whose hidden segments are kept as they are defined now."""
        ruled = [t for t in self.book.traits if not isinstance(t, Rfm | Rollup)]
        return [trait for trait in ruled if self._is_kept(trait)]

    def _is_kept(self, trait: Ruled) -> bool:
        for definition in definitions_of([trait]):
            row = self.kept.get(definition.name)
            if row is None or row.sign != Keep(definition=definition, version=row.version).sign():
                return False
        return True

    # --- no longer defined ----------------------------------------------------------------------

    def forget(self) -> Planned | None:
        """Only when every file can be read: a slip of the pen must not take values away."""
        names = {trait.name for trait in self.book.traits}
        gone = removed(self.state, names) if self.book.sound else []
        if not gone:
            return None
        progress = self.state.traits[gone[0]]
        ids = self._knowing(progress)
        unknown: dict[str, Sequence[Value]] = {f: [None] * len(ids) for f in progress.fields}
        facts = changes(self.store, progress.subject, ids, unknown, self.as_of)
        done = msgspec.structs.replace(progress, sign="", swept=0, at=None, gone=True)
        after = self.state if facts else self.state.having(gone[0], done)
        return Planned(before=self.state, after=after, facts=tuple(facts))

    def _knowing(self, progress: Progress) -> Ints:
        """Some of those for whom one of the trait's fields is known."""
        catalog = self.store.catalog()
        infos = catalog.account if progress.subject == "account" else catalog.contact
        for field in progress.fields:
            if field not in infos:
                continue
            rows = self.store.con.execute(
                sql(
                    "SELECT id FROM {table} WHERE {column} IS NOT NULL ORDER BY id LIMIT $most",
                    table=f"{progress.subject}s",
                    column=quoted(infos[field].column),
                ),
                {"most": BATCH},
            ).fetchall()
            if rows:
                return np.array([row[0] for row in rows], np.int64)
        return np.zeros(0, np.int64)

    # --- new or changed -------------------------------------------------------------------------

    def _sweep(self) -> Planned | None:
        """Traits that have come equally far go on together: one fact says them all."""
        pending = [(trait, done) for trait in self.ready() if (done := self._unswept(trait))]
        if not pending:
            return None
        place = (pending[0][0].subject, pending[0][1].swept)
        together = [(t, done) for t, done in pending if (t.subject, done.swept) == place]
        return self._sweep_part(together, place[0], place[1] or 0)

    def _unswept(self, trait: Ruled) -> Progress | None:
        """How far it is, if there is somebody who has not been looked at. What happened before it
        began is in the memberships already."""
        done = self.state.traits.get(trait.name) or begun(trait)
        if done.sign != sign(trait):
            return msgspec.structs.replace(begun(trait), sign=sign(trait), cursor=self._end())
        return None if done.swept is None else done

    def _sweep_part(
        self, together: Sequence[tuple[Ruled, Progress]], subject: TraitSubject, start: int
    ) -> Planned:
        traits = [trait for trait, _ in together]
        members = self._members(traits)
        everybody = members[EVERYBODY[subject]]
        place = everybody.rank(start - 1) if start else 0
        ids = np.array(everybody[place : place + BATCH], np.int64)
        swept = int(ids[-1]) + 1 if place + BATCH < len(everybody) else None
        after = self.state
        for trait, done in together:
            after = after.having(trait.name, msgspec.structs.replace(done, swept=swept))
        return self._done(after, self._changed(traits, ids, members), traits)

    # --- whoever moved --------------------------------------------------------------------------

    def _follow(self) -> Planned | None:
        traits = [trait for trait in self.ready() if trait.name in self.state.traits]
        low = min((self.state.traits[trait.name].cursor for trait in traits), default=0)
        rows, upto = self._moved(low)
        touched, following = self._touched()
        if not traits or (upto == low and following == self.state.touched):
            return None
        after = State(self.state.traits, following)
        for trait in traits:
            progress = self.state.traits[trait.name]
            cursor = max(progress.cursor, upto)
            after = after.having(trait.name, msgspec.structs.replace(progress, cursor=cursor))
        whom = {trait.name: self._whom(trait, rows, touched) for trait in traits}
        concerned = [trait for trait in traits if len(whom[trait.name])]
        members = self._members(concerned)
        facts = [f for t in concerned for f in self._changed([t], whom[t.name], members)]
        return self._done(after, facts, concerned)

    def _moved(self, low: int) -> tuple[list[tuple[int, str, int]], int]:
        """The next moves in hidden segments: (number, segment, subject); and up to where."""
        asked = (
            "SELECT id, segment, subject FROM transitions"
            " WHERE id >= $low AND starts_with(segment, $prefix) ORDER BY id LIMIT $most"
        )
        values = {"low": low, "prefix": HIDDEN, "most": BATCH}
        rows = self.store.con.execute(asked, values).fetchall()
        return rows, rows[-1][0] + 1 if len(rows) == BATCH else max(low, self._end())

    def _end(self) -> int:
        """The number of the next transition."""
        asked = self.store.con.execute("SELECT coalesce(max(id), -1) + 1 FROM transitions")
        return int(asked.fetchall()[0][0])

    def _touched(self) -> tuple[list[tuple[int, str, int]], int]:
        """Whose earlier facts have changed: (number, sort, subject); and up to where."""
        asked = "SELECT id, sort, subject FROM touched WHERE id >= $low ORDER BY id LIMIT $most"
        values = {"low": self.state.touched, "most": BATCH}
        rows = self.store.con.execute(asked, values).fetchall()
        return rows, rows[-1][0] + 1 if rows else self.state.touched

    def _whom(
        self,
        trait: Ruled,
        moved: Sequence[tuple[int, str, int]],
        touched: Sequence[tuple[int, str, int]],
    ) -> Ints:
        """Whose values may be others now; new ones are in the segment of everybody."""
        cursor, everybody = self.state.traits[trait.name].cursor, EVERYBODY[trait.subject]
        own = {
            subject
            for number, segment, subject in moved
            if number >= cursor and (trait_of(segment) == trait.name or segment == everybody)
        }
        own |= {subject for _, sort, subject in touched if sort == trait.subject}
        return np.array(sorted(own), np.int64)

    # --- common ---------------------------------------------------------------------------------

    def _members(self, traits: Iterable[Ruled]) -> Mapping[str, BitMap]:
        names = [definition.name for definition in definitions_of(traits)]
        return read_memberships(self.store.con, names)

    def _changed(
        self, traits: Sequence[Ruled], ids: Ints, members: Mapping[str, BitMap]
    ) -> list[Written]:
        """Facts about those of `ids` that are in the universe; all traits are of one subject."""
        subject = traits[0].subject
        here = np.array(members[EVERYBODY[subject]] & BitMap(ids.astype(np.uint32)), np.int64)
        values: dict[str, Sequence[Value]] = {}
        for trait in traits:
            values |= values_of(trait, Membership(members, here))
        return changes(self.store, subject, here, values, self.as_of)

    def _done(self, after: State, facts: Sequence[Written], traits: Iterable[Ruled]) -> Planned:
        return Planned(before=self.state, after=after, facts=tuple(facts), types=types_of(traits))
