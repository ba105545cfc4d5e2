"""Every rendered, written, signed message looked at: rules AUTH-3 and MSG-1 to MSG-13 but MSG-6.

looking = Messages(surroundings)
for row, built in …: looking.look(row, built)       one after the other; nothing of them is kept
looking.checks()
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

from lettershop.campaigns.preflight import bodies, heads
from lettershop.campaigns.preflight.findings import (
    EXAMPLES,
    SHOWN,
    fails,
    holds,
    letters,
    listed,
    not_asked,
)
from lettershop.campaigns.preflight.form import Page
from lettershop.campaigns.preflight.heads import Surroundings
from lettershop.campaigns.preflight.reading import Mail, read
from lettershop.campaigns.preflight.rules import rule
from lettershop.campaigns.said import Check
from lettershop.delivery.dkim.verifier import Verdict
from lettershop.delivery.wire import Outgoing

RULES: Final = (
    *("AUTH-3", "MSG-1", "MSG-2", "MSG-3", "MSG-4", "MSG-5", "MSG-7", "MSG-8", "MSG-9"),
    *("MSG-10", "MSG-11", "MSG-12", "MSG-13"),
)
MARKETING: Final = frozenset({"MSG-3", "MSG-4", "MSG-5", "MSG-7", "MSG-12"})
KINDS: Final = 50
"""Different mistakes of a rule that are told apart."""


class Messages:
    """`seen`: how many were looked at. `domains`: of From; `senders`: of the envelope."""

    def __init__(self, about: Surroundings) -> None:
        self._about = about
        self._wrong: dict[str, _Wrong] = {name: _Wrong() for name in RULES}
        self._unsigned = 0
        self.seen = 0
        self.domains: Counter[str] = Counter()
        self.senders: Counter[str] = Counter()

    def look(self, row: int, contact: str, outgoing: Outgoing) -> None:
        """`row`: its number, which tokens in it are signed for; `contact`: an identity."""
        mail = read(outgoing.content)
        self.seen += 1
        self.domains[heads.from_domain(mail)] += 1
        self.senders[outgoing.sender.rpartition("@")[2].lower()] += 1
        for name, found in self._rules(mail, row, outgoing.recipient):
            if kinds := {*found}:
                self._wrong[name].add(kinds, contact)

    def _rules(self, mail: Mail, row: int, recipient: str) -> Iterator[tuple[str, Iterable[str]]]:
        about, page = self._about, Page(mail.html)
        verdicts = heads.signature(mail, about)
        self._unsigned += not verdicts
        yield "AUTH-3", self._signature(verdicts)
        yield "MSG-1", heads.headers(mail, recipient)
        yield "MSG-2", heads.lines(mail)
        if about.marketing:
            yield "MSG-3", heads.one_click(mail, about)
            yield "MSG-4", heads.signed_one_click(verdicts, about)
            yield "MSG-5", heads.opaque(mail, about, row, recipient)
            yield "MSG-7", bodies.unsubscribing(mail, page)
            yield "MSG-12", bodies.postal_address(mail, page, about)
        yield "MSG-8", heads.subject(mail)
        yield "MSG-9", bodies.nothing_hidden(page, about)
        yield "MSG-10", bodies.text_and_size(mail)
        yield "MSG-11", bodies.unresolved(mail, page)
        yield "MSG-13", heads.identity(mail)

    def _signature(self, verdicts: list[Verdict]) -> Iterator[str]:
        """All of them: receivers differ in which they look at."""
        if not verdicts and self._about.leaves:
            yield "not signed"
        for verdict in verdicts:
            if verdict.problem:
                yield f"{verdict.selector}._domainkey.{verdict.domain}: {verdict.problem}"

    def checks(self) -> list[Check]:
        return [self._check(name) for name in RULES]

    def _check(self, name: str) -> Check:
        wrong = self._wrong[name]
        if not self.seen:
            return not_asked(name, "no letter could be built")
        if name in MARKETING and not self._about.marketing:
            return not_asked(name, "only marketing letters need it")
        if wrong.people:
            said = f"{wrong.people:,} of {letters(self.seen)}: {listed(wrong.kinds)}"
            about = [kind for kind, _ in wrong.kinds.most_common(SHOWN)]
            return fails(name, said, wrong.people, examples=wrong.examples, about=about)
        if name in ("AUTH-3", "MSG-4") and self._unsigned:
            said = f"{letters(self._unsigned)} unsigned: no key signs for the domain"
            return not_asked(name, f"{said}, and they stay on this machine", rule("AUTH-3").fix)
        return holds(name, f"of all {letters(self.seen)}", self.seen)


class _Wrong:
    """Of one rule."""

    def __init__(self) -> None:
        self.people = 0
        self.kinds: Counter[str] = Counter()
        self.examples: list[str] = []

    def add(self, kinds: set[str], contact: str) -> None:
        self.people += 1
        for kind in sorted(kinds):
            self.kinds[kind if kind in self.kinds or len(self.kinds) < KINDS else "others"] += 1
        if len(self.examples) < EXAMPLES:
            self.examples.append(contact)
