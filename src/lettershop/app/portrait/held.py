"""The segments somebody is in: by what the refresher keeps, so that nothing is evaluated."""

from collections.abc import Iterator, Sequence

import msgspec
from pyroaring import BitMap

from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.cards import account_cards
from lettershop.engines.duckdb.entries import Side
from lettershop.engines.duckdb.movers import pairs_of
from lettershop.engines.duckdb.refresh.tables import Cause, KeptRow, read_kept, read_memberships
from lettershop.engines.duckdb.store import Store
from lettershop.engines.duckdb.transitions import About, Asked, newest_transitions
from lettershop.language import sentence
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.errors import NotFound
from lettershop.profile.compiled import is_hidden
from lettershop.segments.register import published

MOVES = 2_000
"""Moves of one subject that are read to know since when it is where it is."""


class Kept:
    """The segments that are kept, without those that stand for rules of derived traits."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.rows: dict[str, KeptRow] = {
            name: row for name, row in read_kept(store.con).items() if not is_hidden(name)
        }
        self._members: dict[str, BitMap] | None = None

    def names(self, subject: Subject) -> list[str]:
        return [name for name, row in self.rows.items() if row.subject == subject]

    def members(self, segment: str, subject: Subject) -> BitMap:
        """NotFound `segment.not_kept`."""
        row = self.rows.get(segment)
        if row is None or row.subject != subject:
            hint = "lettershop apply publishes it; a running server then keeps it current"
            raise NotFound("segment.not_kept", f"no segment “{segment}” is kept here", hint=hint)
        return self._all()[segment]

    def holding(self, subject: Subject, ids: Sequence[int]) -> Iterator[tuple[str, int]]:
        """(segment, dense id) of each membership of one of them."""
        wanted = BitMap(ids)
        for name in self.names(subject):
            yield from ((name, number) for number in self._all()[name] & wanted)

    def counts(self, subject: Subject, ids: Sequence[int]) -> dict[int, int]:
        """In how many segments each is."""
        found = dict.fromkeys(ids, 0)
        for _, number in self.holding(subject, ids):
            found[number] += 1
        return found

    def _all(self) -> dict[str, BitMap]:
        if self._members is None:
            found = read_memberships(self._store.con, [*self.rows])
            self._members = {name: found.get(name, BitMap()) for name in self.rows}
        return self._members


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """A segment that holds somebody. `since`: ms, since when it is true, None where no move was
    recorded; `account`: of people in accounts, the one they are in it for."""

    name: str
    title: str
    subject: Subject
    sentence: str
    since: int | None = None
    cause: Cause | None = None
    account: str | None = None


class Holding(msgspec.Struct, frozen=True, kw_only=True):
    """`others`: segments that do not hold them, by name; `kept`: how many are kept at all."""

    held: tuple[Held, ...]
    others: tuple[str, ...]
    kept: int


def holding(shop: Workspace, side: Side, number: int) -> Holding:
    """What holds a contact (dense id), also for one of its accounts; or an account."""
    kept = Kept(shop.store)
    pairs = pairs_of(shop.store, number, None) if side == "contact" else []
    found = [*_holding(kept, side, [number]), *_holding(kept, "people", pairs)]
    moved = _moves(shop.store, kept, side, number, pairs)
    told = {one.name: one.definition for one in published()}
    accounts = _accounts_of(shop.store, [one for _, subject, one in found if subject == "people"])
    held = [
        _held(name, subject, told.get(name), moved.get((name, one)), accounts.get(one))
        if subject == "people"
        else _held(name, subject, told.get(name), moved.get((name, one)), None)
        for name, subject, one in found
    ]
    mine = {name for name, *_ in found}
    sorts: tuple[Subject, ...] = ("contact", "people") if side == "contact" else ("account",)
    others = sorted(n for subject in sorts for n in kept.names(subject) if n not in mine)
    in_order = sorted(held, key=lambda one: (one.title or one.name).lower())
    return Holding(held=tuple(in_order), others=tuple(others), kept=len(kept.rows))


def _holding(
    kept: Kept, subject: Subject, ids: Sequence[int]
) -> Iterator[tuple[str, Subject, int]]:
    for name, number in kept.holding(subject, ids):
        yield name, subject, number


def _held(
    name: str,
    subject: Subject,
    told: Definition | None,
    moved: tuple[int, Cause] | None,
    account: str | None,
) -> Held:
    since, cause = moved or (None, None)
    return Held(
        name=name,
        title=told.title if told else "",
        subject=subject,
        sentence=sentence(told.where, subject) if told else "",
        since=since,
        cause=cause,
        account=account,
    )


def about(kept: Kept, side: Side, number: int, pairs: Sequence[int]) -> tuple[About, ...]:
    """What to ask of the transitions of one contact or account."""
    own = About(tuple(kept.names(side)), (number,))
    if not pairs:
        return (own,)
    return (own, About(tuple(kept.names("people")), tuple(pairs)))


def _moves(
    store: Store, kept: Kept, side: Side, number: int, pairs: Sequence[int]
) -> dict[tuple[str, int], tuple[int, Cause]]:
    """When each segment was entered last, by segment and dense id, and why."""
    asked = Asked(about=about(kept, side, number, pairs))
    found: dict[tuple[str, int], tuple[int, Cause]] = {}
    for one in newest_transitions(store, asked, limit=MOVES):
        if one.entered:
            found.setdefault((one.segment, one.subject), (one.effective_at, one.cause))
    return found


def _accounts_of(store: Store, pairs: Sequence[int]) -> dict[int, str]:
    """What the accounts of memberships (dense ids) are called."""
    if not pairs:
        return {}
    rows = store.con.execute(
        "SELECT id, account FROM people WHERE id IN (SELECT unnest($ids))", {"ids": list(pairs)}
    ).fetchall()
    cards = account_cards(store, [account for _, account in rows])
    return {pair: cards[account].name or cards[account].account for pair, account in rows}
