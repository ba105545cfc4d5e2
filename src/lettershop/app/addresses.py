"""Address hygiene of a whole workspace: judged step by step, written as fields of contacts, told.

`Addresses.step` is a job of the server: it does what is due and says whether there may be more.
Verdicts on new and changed addresses are stored beside the facts; with what the hidden segments
`trait:address/…` say they become `address_state`, `address_suggestion` and `address_free`.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from pyroaring import BitMap

from lettershop.app.engine import Engine
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.refresh.tables import read_kept, read_memberships
from lettershop.language import references
from lettershop.language.definition import Definition
from lettershop.model.clock import DAY
from lettershop.model.errors import InputError, LettershopError
from lettershop.planning.order import needed
from lettershop.profile.hygiene import judged, written
from lettershop.profile.hygiene.evidence import Evidence, definitions, evidence
from lettershop.profile.hygiene.judged import Counted
from lettershop.profile.hygiene.knowledge import FILE, NOTHING, Knowledge, Own, knowledge, read_own
from lettershop.profile.hygiene.proven import proven
from lettershop.profile.hygiene.report import AddressReport, report
from lettershop.profile.hygiene.verdict import Judge, Verdict

log = structlog.get_logger("lettershop.addresses")

BATCH: Final = 10_000
"""Contacts judged or written in one step: half a second of the writer’s time."""
GROWN: Final = 1.1
"""Domains are counted again when there are so many times the addresses, and every day."""

Members = Callable[[Workspace, Sequence[Evidence]], Mapping[str, BitMap] | None]
Held = Callable[[], AbstractContextManager[Workspace]]


class Addresses:
    """`members`: of the hidden segments, None while they are not known yet."""

    def __init__(self, reading: Held, writing: Held, members: Members) -> None:
        self._reading, self._writing, self._members = reading, writing, members
        self._done: object = None
        self._refused = ""
        self._judges: dict[tuple[str, int], Judge] = {}

    @classmethod
    def of_engine(cls, engine: Engine) -> "Addresses":
        """Beside a running refresher, which keeps the hidden segments."""
        return cls(engine.read, engine.write, _kept)

    def step(self) -> bool:
        """Do what is due, at most BATCH contacts of it; True when there may be more."""
        with self._reading() as shop:
            if judged.address_column(shop.store) is None or self._is_refused(shop):
                return False
            mark = _mark(shop)
            if mark == self._done:
                return False
            ready = judged.is_prepared(shop.store)
        if not ready:
            with self._writing() as shop:
                judged.prepare(shop.store)
        if self._count() or self._judge() or self._write():
            return True
        self._done, self._judges = mark, {}
        return False

    def _count(self) -> bool:
        """Count the workspace's domains, and judge again where that makes a difference."""
        with self._reading() as shop:
            column, know = _column(shop), _knowledge(shop)
            old, now = judged.counted(shop.store), shop.clock.now()
            addresses = judged.count_addresses(shop.store, column)
            if now - old.at < DAY and addresses <= old.addresses * GROWN:
                return False
            new = judged.count_domains(shop.store, column, now)
            before, after = Judge(know, old.counts), Judge(know, new.counts)
            domains = [domain for domain, _ in judged.judged_domains(shop.store)]
            other = [d for d in domains if _meant(before, d) != _meant(after, d)]
        with self._writing() as shop, shop.store.transaction():
            judged.keep_counted(shop.store, new)
            judged.judge_again(shop.store, other)
        return True

    def _judge(self) -> bool:
        with self._reading() as shop:
            column, know = _column(shop), _knowledge(shop)
            counted = judged.counted(shop.store)
            found = judged.due(shop.store, column, know.stamp, BATCH)
            gone = not found and judged.has_gone(shop.store, column)
        if not found and not gone:
            return False
        judge = self._judge_for(know, counted)
        said = [(due, judge.verdict(due.address)) for due in found]
        with self._writing() as shop, shop.store.transaction():
            if gone:
                judged.forget_gone(shop.store, column)
            else:
                judged.keep(shop.store, said, know.stamp)
        return True

    def _write(self) -> bool:
        """Write the fields that are not what they should be."""
        with self._reading() as shop:
            rules = evidence(read_own(shop.path))
            members = self._members(shop, rules)
            if members is None:
                return False
            shown = proven(shop.store, rules, members)
            found = written.changes(shop.store, _column(shop), shown, BATCH)
        if not found:
            return False
        with self._writing() as shop:
            written.write(shop.store, found, shop.clock.now())
        return len(found) == BATCH

    def _judge_for(self, know: Knowledge, counted: Counted) -> Judge:
        key = (know.stamp, counted.at)
        if key not in self._judges:
            self._judges = {key: Judge(know, counted.counts)}
        return self._judges[key]

    def _is_refused(self, shop: Workspace) -> bool:
        """Somebody else's fields have these names, or `addresses.toml` cannot be used: said once,
        and tried again when that has changed."""
        try:
            written.refuse_taken(shop.store)
            evidence(read_own(shop.path))
        except LettershopError as error:
            if str(error) != self._refused:
                self._refused = str(error)
                log.warning("addresses.refused", error=str(error))
            return True
        self._refused = ""
        return False


_SOUND: Final[dict[Path, Own]] = {}
"""What each workspace's `addresses.toml` said when it could last be used."""


def hidden_definitions(shop: Workspace) -> list[Definition]:
    """What the refresher is asked to keep for address hygiene. A mistake in `addresses.toml` does
    not change it: `Addresses` says what is wrong, the report and `check` refuse."""
    try:
        own = read_own(shop.path)
        found = definitions(own)
    except LettershopError:
        return definitions(_SOUND.get(shop.path, NOTHING))
    _SOUND[shop.path] = own
    return found


def with_needed(shop: Workspace, rules: Sequence[Evidence]) -> list[Definition]:
    """The definitions of the rules and the workspace's segments they refer to.

    InputError `addresses.segment` for a segment that does not exist or has errors.
    """
    own = [rule.definition for rule in rules]
    if not any(references(definition.where) for definition in own):
        return own
    every = {d.name: d for d in (*shop.definitions(), *own)}
    for definition in own:
        absent = sorted(references(definition.where) - every.keys())
        if absent:
            message = f"there is no sound segment “{absent[0]}”"
            raise InputError("addresses.segment", message, where=f"{FILE}: {definition.name}")
    return needed([*every.values()], [definition.name for definition in own])


def bring_up_to_date(shop: Workspace) -> None:
    """Judge and write everything in this process, which has the workspace to itself.

    Raises InputError `addresses.field_taken`, `addresses.file`, `addresses.state`,
    `addresses.segment`, and DefinitionError for a condition that cannot be read.
    """
    written.refuse_taken(shop.store)
    evidence(read_own(shop.path))
    as_of = shop.clock.now()
    known: dict[str, BitMap] = {}

    def members(shop: Workspace, rules: Sequence[Evidence]) -> Mapping[str, BitMap]:
        if not known:
            found = evaluate(shop.store, with_needed(shop, rules), as_of, shop.settings)
            known.update({rule.name: found.members(rule.name) for rule in rules})
        return known

    def held() -> AbstractContextManager[Workspace]:
        return nullcontext(shop)

    addresses = Addresses(held, held, members)
    while addresses.step():
        pass


def address_report(shop: Workspace) -> AddressReport:
    """How many addresses are in which state, as it is written."""
    written.refuse_taken(shop.store)
    return report(shop.store)


def check_addresses(shop: Workspace, addresses: Sequence[str]) -> list[Verdict]:
    """Judge addresses by the lists, and by the domains that are frequent in this workspace."""
    judge = Judge(_knowledge(shop), judged.counted(shop.store).counts)
    return [judge.verdict(address) for address in addresses]


def _kept(shop: Workspace, rules: Sequence[Evidence]) -> Mapping[str, BitMap] | None:
    """Members as the refresher stored them; None before its first refresh. A rule it does not keep
    (a new one, or one that refers to a segment nobody has published) holds for nobody."""
    names = [rule.name for rule in rules]
    if names and not set(names) & read_kept(shop.store.con).keys():
        return None
    found = read_memberships(shop.store.con, names)
    return {name: found.get(name, BitMap()) for name in names}


def _knowledge(shop: Workspace) -> Knowledge:
    return knowledge(read_own(shop.path))


def _column(shop: Workspace) -> str:
    column = judged.address_column(shop.store)
    assert column is not None  # noqa: S101  (fields do not go away)
    return column


def _meant(judge: Judge, domain: str) -> str | None:
    return judge.verdict(f"x@{domain}").suggestion


def _mark(shop: Workspace) -> tuple[Any, ...]:
    """Changes when there can be something to do: facts, members, bounces, lists, the day."""
    counts = shop.store.con.execute(
        "SELECT (SELECT count(*) FROM contact_history), (SELECT count(*) FROM people_history),"
        " (SELECT count(*) + count(undone_at) FROM merges), (SELECT count(*) FROM transitions),"
        " (SELECT count(*) FROM kept)"
    ).fetchall()
    own, events = read_own(shop.path), shop.store.catalog().events
    told = [rule.about.event for rule in evidence(own) if rule.about is not None]
    heard = sum(events[name].rows for name in told if name in events)
    return (*counts[0], heard, msgspec.json.encode(own), shop.clock.now() // DAY)
