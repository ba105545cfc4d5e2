"""Who is who: the identities of one contact, settled in the order in which facts were loaded."""

from collections.abc import Iterable, Sequence

from msgspec import structs

from lettershop.engines.referee.names import identities
from lettershop.model.facts import ALIAS_USER_IDS, AnyFact, ContactFact, is_identified
from lettershop.model.settings import Settings

SORTS = ("user", "email", "anon")
"""In this order a fact's other identities are joined to its main one."""


class WhoIsWho:
    """`contact_of` gives each identity its contact, named by the identity that leads it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.contact_of: dict[str, str] = {}
        self.known: list[str] = []
        """Contacts in the order in which they became known."""

    def hear(self, fact: AnyFact) -> AnyFact:
        """The fact, without the identities that may not be joined to its main one."""
        together = identities(fact)
        if not together:
            return fact
        main, *others = together
        is_new = main not in self.contact_of
        if is_new:
            self.contact_of[main] = main
            self.known.append(main)
        most = self.limits(isinstance(fact, ContactFact) and fact.alias)
        left_out = set()
        for other in sorted(others, key=lambda identity: SORTS.index(sort_of(identity))):
            mine, theirs = self.contact_of[main], self.contact_of.get(other)
            if mine == theirs:
                continue
            ours, more = self.of(mine), [other] if theirs is None else self.of(theirs)
            if too_many(ours, more, most):
                left_out.add(other)
                continue
            leader = mine
            if theirs is not None:
                leader = theirs if is_new else self.survivor(mine, theirs)
                is_new = False
            for identity in [*ours, *more]:
                self.contact_of[identity] = leader
        return without(fact, left_out)

    def of(self, contact: str) -> list[str]:
        return [identity for identity, leader in self.contact_of.items() if leader == contact]

    def survivor(self, one: str, two: str) -> str:
        """The one with a user id or an address; else the one that was known first."""
        named = [c for c in (one, two) if any(map(is_identified, self.of(c)))]
        return named[0] if len(named) == 1 else min(one, two, key=self.known.index)

    def limits(self, alias: bool) -> dict[str, int]:
        return {
            "user": ALIAS_USER_IDS if alias else 1,
            "email": self.settings.most_emails,
            "anon": self.settings.most_anonymous,
        }


def too_many(ours: Iterable[str], more: Iterable[str], most: dict[str, int]) -> bool:
    """Whether both have identities of a sort, and together too many of them."""
    for sort, limit in most.items():
        mine = [identity for identity in ours if sort_of(identity) == sort]
        theirs = [identity for identity in more if sort_of(identity) == sort]
        if mine and theirs and len(mine) + len(theirs) > limit:
            return True
    return False


def sort_of(identity: str) -> str:
    return identity.partition(":")[0]


def without(fact: AnyFact, left_out: set[str]) -> AnyFact:
    if not isinstance(fact, ContactFact) or not left_out:
        return fact
    return structs.replace(fact, also=tuple(i for i in fact.also if i not in left_out))


def resolve(facts: Iterable[AnyFact], settings: Settings) -> tuple[Sequence[AnyFact], WhoIsWho]:
    """The facts as they are taken, and who is who after the last of them."""
    who = WhoIsWho(settings)
    return [who.hear(fact) for fact in facts], who
