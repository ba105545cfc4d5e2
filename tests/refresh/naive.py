"""What the refresher must say, worked out slowly: the referee, told the same facts, and on top of
it modes and pins as sets of names.

Subjects are called what the referee calls them: contacts by the identity that leads them, accounts
by their id, people (contact, account).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import histories
from msgspec import structs
from store.naive_who import NaiveWho

from lettershop.engines.referee.conditions import Judge, Transition
from lettershop.engines.referee.history import History, history
from lettershop.engines.referee.moment import Moment
from lettershop.engines.referee.referee import decide, in_order
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.facts import AnyFact, ContactFact, Rate

Members = frozenset[object]
CATALOG = histories.WORDS[0].catalog()


@dataclass(frozen=True)
class Asked:
    """A definition of a certain version, and who is pinned: name -> put in or kept out."""

    definition: Definition
    version: int
    pins: frozenset[tuple[object, bool]] = frozenset()

    @property
    def rule(self) -> tuple[object, ...]:
        """Another one starts a segment anew."""
        said = self.definition
        return (self.version, said.subject, said.mode, said.where)


class Told:
    """Everything that was said, with who is who and merges taken back."""

    def __init__(self) -> None:
        self.who = NaiveWho(histories.SETTINGS)
        self.facts: list[AnyFact] = []
        self.rates: Sequence[Rate] = ()
        self.recorded: Sequence[Transition] = ()

    def tell(self, facts: Sequence[AnyFact]) -> None:
        for fact in facts:
            self.who.hear(len(self.facts), fact)
            self.facts.append(fact)
        self.who.settle()

    def undoable(self) -> list[int]:
        return [n for n in range(len(self.who.merges)) if n not in self.who.undone]

    def judge(self, as_of: int) -> Judge:
        moment = Moment(self._history(), CATALOG, histories.SETTINGS, as_of)
        return Judge(moment, histories.SALTS, self.rates, self.recorded)

    def _history(self) -> History:
        contact_of = {i: leader for leader, ids in self.who.groups.items() for i in ids}
        kept = [_joined(fact, named) for fact, named in self.who.heard]
        found = history(kept, contact_of)
        # A fact makes known, and identified, whom each identity in it belongs to by now.
        namings = [
            replace(naming, contacts=tuple({contact_of[i] for i in naming.identities}))
            for naming in found.namings
        ]
        return replace(found, namings=namings)


def _joined(fact: AnyFact, named: tuple[str, ...]) -> AnyFact:
    return structs.replace(fact, also=named[1:]) if isinstance(fact, ContactFact) else fact


@dataclass
class Kept:
    """Who is in which segment since the last refresh, by the rule it was computed for."""

    sets: dict[str, tuple[tuple[object, ...], Members]] = field(default_factory=dict)

    def before(self, asked: Asked, told: Told) -> Members | None:
        """None for a new rule. Who has become one with a member is a member."""
        rule, members = self.sets.get(asked.definition.name, ((), frozenset()))
        if asked.definition.subject == "contact":
            members |= {told.who.of(str(member)) for member in members}
        return members if rule == asked.rule else None


def members(told: Told, kept: Kept, asked: Sequence[Asked], as_of: int) -> dict[str, Members]:
    """The members of each segment at `as_of`; references are to members, not to rules."""
    judge = told.judge(as_of)
    by_name = {a.definition.name: a for a in asked}
    found: dict[str, Members] = {}
    for definition in in_order([a.definition for a in asked]):
        one = by_name[definition.name]
        rule = frozenset(decide(definition, judge.moment, judge.holds))
        everybody = universe(judge.moment, definition.subject)
        mine = adjusted(rule, one, kept.before(one, told)) & everybody
        judge.decided[definition.name] = (definition.subject, set(mine))
        found[definition.name] = mine
    return found


def adjusted(rule: Members, asked: Asked, before: Members | None) -> Members:
    """By mode, then by pins: keeping out beats putting in."""
    found = rule
    if before is not None and asked.definition.mode == "add_only":
        found = rule | before
    if before is not None and asked.definition.mode == "static":
        found = before
    put_in = {who for who, include in asked.pins if include}
    kept_out = {who for who, include in asked.pins if not include}
    return (found | put_in) - kept_out


def universe(moment: Moment, subject: Subject) -> Members:
    everybody: Mapping[Subject, Sequence[object]] = {
        "contact": [*moment.contacts],
        "account": [*moment.accounts],
        "people": [*moment.people],
    }
    return frozenset(everybody[subject])
