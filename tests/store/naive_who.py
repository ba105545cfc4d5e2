"""Who is who, worked out again in plain Python: what was said together, merged and taken apart."""

from typing import NamedTuple

from lettershop.model.facts import AnyFact, ContactFact, EventFact, is_identified
from lettershop.model.settings import Settings

ORDER = ("user", "email", "anon")


class Merged(NamedTuple):
    identity: str
    absorbed_identity: str
    identities: frozenset[str]


class NaiveWho:
    """`groups` are sets of identities by their leader. Leaders that have a row keep its number in
    `rows`, `new` are those of the load that is under way; `settle` ends it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.groups: dict[str, set[str]] = {}
        self.merges: list[Merged] = []
        self.undone: set[int] = set()
        self.apart: list[set[str]] = []
        self.notes: list[int] = []
        self.heard: list[tuple[AnyFact, tuple[str, ...]]] = []
        """New facts with the identities they name, the main one first."""
        self.rows: dict[str, int] = {}
        self.new: list[str] = []
        self._seen: set[str] = set()

    def of(self, identity: str) -> str | None:
        return next((leader for leader, ids in self.groups.items() if identity in ids), None)

    def settle(self) -> None:
        for leader in self.new:
            if leader in self.groups:
                self.rows.setdefault(leader, len(self.rows))
        self.new = []

    def hear(self, number: int, fact: AnyFact) -> None:
        if isinstance(fact, EventFact):
            if fact.message_id in self._seen:
                return
            self._seen.add(fact.message_id)
        main = getattr(fact, "contact", None)
        if main is None:
            self.heard.append((fact, ()))
            return
        also = fact.also if isinstance(fact, ContactFact) else ()
        alias = isinstance(fact, ContactFact) and fact.alias
        named = [main]
        fresh = self.of(main) is None
        if fresh:
            self.groups[main] = {main}
            self.new.append(main)
        others = sorted(dict.fromkeys(also), key=lambda i: ORDER.index(i.partition(":")[0]))
        for other in others:
            mine, theirs = self.of(main), self.of(other)
            more = {other} if theirs is None else self.groups[theirs]
            assert mine is not None
            if mine != theirs and not self._may(self.groups[mine], more, alias=alias):
                self.notes.append(number)
                continue
            named.append(other)
            if theirs is None:
                self.groups[mine].add(other)
            elif mine != theirs and fresh:
                self.groups[theirs] |= self.groups.pop(mine)
                fresh = False
            elif mine != theirs:
                self._merge(mine, theirs)
        self.heard.append((fact, tuple(named)))

    def _may(self, mine: set[str], more: set[str], *, alias: bool) -> bool:
        most = (5 if alias else 1, self.settings.most_emails, self.settings.most_anonymous)
        for sort, limit in zip(ORDER, most, strict=True):
            a, b = ([i for i in ids if i.startswith(sort + ":")] for ids in (mine, more))
            if a and b and len(a) + len(b) > limit:
                return False
        return not any(pair & mine and pair & more for pair in self.apart)

    def _merge(self, one: str, two: str) -> None:
        def rank(leader: str) -> tuple[bool, bool, int]:
            named = any(map(is_identified, self.groups[leader]))
            if leader in self.rows:
                return (not named, False, self.rows[leader])
            return (not named, True, self.new.index(leader))

        survivor, absorbed = sorted((one, two), key=rank)
        ids = self.groups.pop(absorbed)
        self.merges.append(Merged(survivor, absorbed, frozenset(ids)))
        self.groups[survivor] |= ids

    def undo(self, nth: int) -> None:
        merge = self.merges[nth]
        holder = self.of(merge.absorbed_identity)
        assert holder is not None
        moved = merge.identities & self.groups[holder]
        self.groups[holder] -= moved
        self.groups[merge.absorbed_identity] = set(moved)
        self.rows.setdefault(merge.absorbed_identity, len(self.rows))
        self.apart.append({merge.identity, merge.absorbed_identity})
        self.undone.add(nth)
