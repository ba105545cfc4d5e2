"""The referee: definitions in the order of their references, each asked of its universe."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, assert_never

import msgspec

from lettershop.engines.referee.case import Case
from lettershop.engines.referee.conditions import Judge, Members, Transition, refused
from lettershop.engines.referee.events import matched
from lettershop.engines.referee.history import load
from lettershop.engines.referee.moment import Moment
from lettershop.language.definition import Definition
from lettershop.language.tree import Condition, Did, InSegment, SegmentHistory, Subject
from lettershop.model.catalog import Catalog
from lettershop.model.facts import AnyFact, Rate
from lettershop.model.settings import Settings
from lettershop.model.values import Known


class Referee:
    """Answers for one set of loaded facts. Contacts are named by the identity that leads
    them, accounts by their id, people by (contact, account). `transitions`: what is recorded of
    segments, in the order in which it was detected."""

    def __init__(
        self,
        facts: Sequence[AnyFact],
        catalog: Catalog,
        settings: Settings | None = None,
        *,
        salts: Mapping[str, int] | None = None,
        rates: Sequence[Rate] = (),
        transitions: Sequence[Transition] = (),
    ) -> None:
        self._catalog, self._settings = catalog, settings or Settings()
        self._history = load(facts, self._settings)
        self._salts, self._rates = salts or {}, rates
        self._transitions = transitions

    def members(self, definitions: Sequence[Definition], as_of: int) -> dict[str, Members]:
        """The members of each definition by name; references among them in any order.

        Raises DefinitionError for a cycle, an unknown segment, or one of another subject.
        """
        judge = self._judge(definitions, as_of)
        return {d.name: judge.decided[d.name][1] for d in definitions}

    def qualifying(
        self, definition: Definition, as_of: int, others: Sequence[Definition] = ()
    ) -> dict[str, str]:
        """Of a contact segment: contact -> the account joined first of those with which the
        sentence is true (segments.md rule 12). Contacts without an account are left out."""
        judge = self._judge([*others, definition], as_of)
        found: dict[str, str] = {}
        for case in cases("contact", judge.moment):
            contact, account = case.contact, case.account
            if contact is None or account is None or contact in found:
                continue
            if judge.holds(definition.where, case):
                found[contact] = account
        return found

    def matched_values(
        self, definition: Definition, as_of: int, others: Sequence[Definition] = ()
    ) -> dict[object, dict[str, set[Known]]]:
        """Of each member: the values (texts folded) of every `with the same …` outside of `not`
        that reach the count, by property."""
        judge = self._judge([*others, definition], as_of)
        members = judge.decided[definition.name][1]
        found: dict[object, dict[str, set[Known]]] = {member: {} for member in members}
        for case in cases(definition.subject, judge.moment):
            if not judge.holds(definition.where, case):
                continue
            for node in nodes(definition.where):
                if isinstance(node, Did) and node.same is not None and not node.negated:
                    values = found[key_of(case)].setdefault(node.same, set())
                    values.update(matched(case, node))
        return found

    def _judge(self, definitions: Sequence[Definition], as_of: int) -> Judge:
        """A judge who has decided all the definitions."""
        moment = Moment(self._history, self._catalog, self._settings, as_of)
        judge = Judge(moment, self._salts, self._rates, self._transitions)
        for definition in in_order(definitions):
            members = decide(definition, moment, judge.holds)
            judge.decided[definition.name] = (definition.subject, members)
        return judge


def decide(
    definition: Definition, moment: Moment, holds: Callable[[Condition, Case], bool]
) -> Members:
    """A contact is a member when the whole sentence is true with one of their accounts."""
    asked = cases(definition.subject, moment)
    return {key_of(case) for case in asked if holds(definition.where, case)}


def cases(subject: Subject, moment: Moment) -> Iterator[Case]:
    """Everybody there is to ask about."""
    match subject:
        case "contact":
            for contact in moment.contacts:
                asked: list[str | None] = [*moment.accounts_of(contact)]
                for account in asked or [None]:
                    yield Case(moment, subject, contact, account)
        case "account":
            for account in moment.accounts:
                yield Case(moment, subject, None, account)
        case "people":
            for contact, account in moment.people:
                yield Case(moment, subject, contact, account)
        case _:
            assert_never(subject)


def key_of(case: Case) -> object:
    match case.subject:
        case "contact":
            return case.contact
        case "account":
            return case.account
        case "people":
            return (case.contact, case.account)
        case _:
            assert_never(case.subject)


def in_order(definitions: Sequence[Definition]) -> list[Definition]:
    """Each definition after those it refers to; a cycle is refused with its path."""
    named = {definition.name: definition for definition in definitions}
    done: dict[str, Definition] = {}

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " → ".join([*path[path.index(name) :], name])
            raise refused(
                "segment.cycle", f"these segments refer to each other in a circle: {circle}"
            )
        if name in done or name not in named:
            return
        for node in nodes(named[name].where):
            if isinstance(node, InSegment | SegmentHistory):
                visit(node.name, (*path, name))
        done[name] = named[name]

    for name in named:
        visit(name, ())
    return list(done.values())


def nodes(part: Any) -> Iterator[Any]:
    """A condition and everything inside it."""
    if isinstance(part, tuple):
        for inner in part:
            yield from nodes(inner)
    elif isinstance(part, msgspec.Struct):
        yield part
        for name in part.__struct_fields__:
            yield from nodes(getattr(part, name))
