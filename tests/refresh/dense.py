"""Names and dense ids, and modes and pins by sets of ids, for the full evaluation."""

from collections.abc import Callable, Iterable, Sequence

import histories
import numpy as np
from pyroaring import BitMap
from refresh.ledger import Row
from refresh.naive import Asked, Kept, Members, Told, adjusted

from lettershop.engines.duckdb.store import Store
from lettershop.engines.referee.conditions import Transition
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.planning.frame import Frame, Ints
from lettershop.planning.ground import Mask
from lettershop.planning.truth import Adjust


class Names:
    """Who has which dense id in a store now: contacts by the identity that leads them."""

    def __init__(self, store: Store) -> None:
        def rows(statement: str) -> list[tuple[object, ...]]:
            return store.con.execute(statement).fetchall()

        people = rows(
            "SELECT c.identity, a.identity, p.id FROM people AS p"
            " JOIN contacts AS c ON c.id = p.contact JOIN accounts AS a ON a.id = p.account"
        )
        self.numbers: dict[Subject, dict[object, int]] = {
            "contact": dict(rows("SELECT identity, id FROM contacts")),  # type: ignore[arg-type]
            "account": dict(rows("SELECT identity, id FROM accounts")),  # type: ignore[arg-type]
            "people": {(contact, account): int(str(n)) for contact, account, n in people},
        }

    def ids(self, subject: Subject, who: Iterable[object]) -> BitMap:
        """Those of who is there; the others are in no universe."""
        numbers = self.numbers[subject]
        return BitMap(sorted(numbers[name] for name in who if name in numbers))

    def told(self, subject: Subject, ids: BitMap | None) -> set[object]:
        names = {number: name for name, number in self.numbers[subject].items()}
        return {"not stored"} if ids is None else {names.get(n, n) for n in ids}


def recorded(rows: Iterable[Row], names: Names) -> list[Transition]:
    """What the ledger says, of those who still are somebody."""
    who = {
        subject: {number: name for name, number in numbers.items()}
        for subject, numbers in names.numbers.items()
    }
    return [
        Transition(
            row.segment,
            who[histories.NAMES[row.segment]].get(row.subject),
            row.entered,
            row.effective_at,
            row.detected_at,
            row.cause,
        )
        for row in rows
    ]


def adjusting(
    asked: Sequence[Asked], kept: Kept, told: Told, names: Names
) -> Callable[[Frame], Adjust]:
    by_name = {a.definition.name: a for a in asked}

    def adjust(frame: Frame) -> Adjust:
        def final(definition: Definition, rule: Mask) -> Mask:
            one = by_name[definition.name]
            return _final(one, kept.before(one, told), names, frame, rule)

        return final

    return adjust


def _final(asked: Asked, before: Members | None, names: Names, frame: Frame, rule: Mask) -> Mask:
    subject = asked.definition.subject
    numbers = names.numbers[subject]
    was = None if before is None else frozenset[object](names.ids(subject, before))
    pins = frozenset((numbers[who], include) for who, include in asked.pins)
    ids = _ids(frame, subject)
    there = ids >= 0
    found = frozenset[object](ids[rule.bits & there].tolist())
    wanted = adjusted(found, Asked(asked.definition, asked.version, pins), was)
    return Mask(rule.grain, there & np.array([number in wanted for number in ids.tolist()], bool))


def _ids(frame: Frame, subject: Subject) -> Ints:
    """The dense id at each slot; -1 where there is nobody of the universe."""
    match subject:
        case "contact":
            return np.where(frame.contacts.live, np.arange(len(frame.contacts.live)), -1)
        case "account":
            return np.where(frame.accounts.live, np.arange(len(frame.accounts.live)), -1)
        case "people":
            return np.where(frame.pair_account >= 0, frame.pair_id, -1)
