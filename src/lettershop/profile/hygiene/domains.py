"""What the domain of an address shows: unknown, mistyped, disposable, of the public.

A false correction costs a customer, a missed one costs a bounce: so a domain is corrected only when
it is one slip from a domain that is frequent, and nothing says that it exists by itself.
"""

from collections.abc import Mapping
from typing import Final

import msgspec

from lettershop.profile.hygiene.knowledge import Knowledge
from lettershop.profile.hygiene.slips import Kind, Names

FREQUENT: Final = 10
"""Contacts from which on a company's domain is one that slips are compared with."""
USED: Final = 3
"""Contacts from which on a domain is taken to exist, unless the meant one is USED_SHARE times as
frequent: in a million addresses the same slip happens often."""
USED_SHARE: Final = 100
_SHORTEST: Final = 5
_SHORTEST_OWN: Final[dict[Kind, int]] = {"swapped": 6, "doubled": 6, "undoubled": 6, "missing": 9}
"""Letters a name must have for a slip in it to be told from another name. Companies have less
well-known names, and neighbours of their own."""


class Reason(msgspec.Struct, frozen=True):
    """A stable code and one sentence."""

    code: str
    message: str


class DomainView(msgspec.Struct, frozen=True, kw_only=True):
    """`meant`: the domain that was probably meant; `dead`: why nobody can be written to there."""

    meant: str | None = None
    reason: Reason | None = None
    dead: Reason | None = None
    disposable: bool = False
    free: bool = False


class Domains:
    """Looks at domains, in ASCII and lower case; remembers what it has seen.

    `counts`: contacts per domain in the workspace; those below USED may be left out.
    """

    def __init__(self, knowledge: Knowledge, counts: Mapping[str, int] | None = None) -> None:
        self._know, self._counts = knowledge, counts or {}
        own = [d for d, n in self._counts.items() if n >= FREQUENT and self._can_be_meant(d)]
        self._public = frozenset(knowledge.mistyped)
        self._own = frozenset(own) - self._public
        self._names = Names([*knowledge.mistyped, *own])
        self._joined = {domain.replace(".", ""): domain for domain in knowledge.mistyped}
        self._seen: dict[str, DomainView] = {}

    def view(self, domain: str) -> DomainView:
        found = self._seen.get(domain)
        if found is None:
            found = self._seen[domain] = self._look(domain)
        return found

    def dotted(self, domain: str) -> str | None:
        """The frequent domain that was written without its dot: `gmailcom`."""
        return self._joined.get(domain)

    def _look(self, domain: str) -> DomainView:
        know = self._know
        if domain in know.free:
            return DomainView(free=True)
        last = domain.rpartition(".")[2]
        if domain in know.placeholder or last in know.unreachable:
            message = f"“{domain}” is set aside for other uses: no mail goes there"
            return DomainView(dead=Reason("address.reserved", message))
        disposable = know.is_disposable(domain)
        ending = know.ending(domain)
        if ending is None:
            return self._without_ending(domain)
        if domain in know.real:
            return DomainView()
        meant = self._slipped_ending(domain, ending) or self._slipped_name(domain, ending)
        if meant is None or (disposable and meant not in self._public):
            return DomainView(disposable=disposable)
        message = f"“{domain}” looks like a slip for “{meant}”"
        return DomainView(
            meant=meant, reason=Reason("address.slip", message), disposable=disposable
        )

    def _without_ending(self, domain: str) -> DomainView:
        """No domain can end like this: what was meant, where the ending tells."""
        name, _, last = domain.rpartition(".")
        missing = f"there is no ending “.{last}”"
        meant = self._know.endings.get(last)
        if not name or meant is None:
            return DomainView(dead=Reason("address.ending", missing))
        fixed = f"{name}.{meant}"
        known = fixed in self._know.free or fixed in self._own or fixed in self._know.real
        ending = self._know.ending(fixed)
        if not known and ending is not None:
            fixed = self._slipped_name(fixed, ending) or fixed
        message = f"{missing}: “{fixed}” was probably meant"
        return DomainView(meant=fixed, reason=Reason("address.slip", message))

    def _slipped_ending(self, domain: str, ending: str) -> str | None:
        """gmail.co: an ending that exists, but not for this name."""
        meant = self._know.slips.get(ending)
        fixed = domain.removesuffix(ending) + meant if meant else ""
        return fixed if fixed in self._public and not self._exists(domain, fixed) else None

    def _slipped_name(self, domain: str, ending: str) -> str | None:
        """The only frequent domain with the same ending whose name is one slip away."""
        found = [
            meant
            for meant, kind in self._names.near(domain).items()
            if meant.endswith("." + ending) and self._plausible(domain, meant, kind, ending)
        ]
        return found[0] if len(found) == 1 else None

    def _plausible(self, domain: str, meant: str, kind: Kind, ending: str) -> bool:
        if self._know.ending(meant) != ending:
            return False
        length = len(meant) - len(ending) - 1
        if meant in self._public:
            return length >= _SHORTEST and not self._exists(domain, meant)
        if _digits(domain) != _digits(meant):  # numbered names are different on purpose
            return False
        return length >= _SHORTEST_OWN.get(kind, length + 1) and self._count(domain) < USED

    def _exists(self, domain: str, meant: str) -> bool:
        """The workspace itself says so: by more contacts than would have slipped."""
        count = self._count(domain)
        return count >= USED and count * USED_SHARE >= self._count(meant)

    def _count(self, domain: str) -> int:
        return self._counts.get(domain, 0)

    def _can_be_meant(self, domain: str) -> bool:
        know = self._know
        return (
            domain not in know.free
            and not know.is_disposable(domain)
            and know.ending(domain) is not None
        )


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))
