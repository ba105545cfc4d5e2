"""The one question: may we send? Asked for a whole campaign at once, or in the last moment for one.

    gate = Gate(book, policy, sends, zone="Europe/Berlin")
    verdict = gate.may_send(Question(address="ann@example.com", purpose="newsletter"), at)

Answers hold every reason, not the first. What is asked of the records is asked once for all.
"""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from lettershop.compliance.book import Book
from lettershop.compliance.caps import NoSends, Sends, Side, Tally, account_capped, contact_capped
from lettershop.compliance.checks import (
    address_reasons,
    basis_reasons,
    quiet_reason,
    suppression_reasons,
    unreadable,
)
from lettershop.compliance.consent import find_purpose, said_of
from lettershop.compliance.question import Question, Verdict
from lettershop.compliance.quiet import QuietTimes
from lettershop.compliance.rules import Policy, Stream
from lettershop.compliance.standing import LawfulBasis, Reason, Said, lawful_basis
from lettershop.compliance.suppression import InForce, look_up
from lettershop.compliance.topics import choices
from lettershop.language.tables import nearest
from lettershop.model.clock import DAY
from lettershop.model.errors import NotFound

ALLOWED = Verdict(allowed=True)


class Known(msgspec.Struct, frozen=True):
    """What the records say, by hash, and what was sent, by name."""

    suppressed: Mapping[str, Sequence[InForce]]
    said: Mapping[str, Sequence[Said]]
    chosen: Mapping[str, Mapping[str, bool]]
    contacts: Tally
    accounts: Tally


class Gate:
    """Asks the records anew each time: what was said a moment ago counts."""

    def __init__(
        self, book: Book, policy: Policy, sends: Sends | None = None, *, zone: str = "UTC"
    ) -> None:
        self._book, self._policy, self._sends = book, policy, sends or NoSends()
        self._zone = zone

    def may_send(self, question: Question, at: int) -> Verdict:
        """NotFound `consent.stream` for a stream that is not defined."""
        return self.may_send_many([question], at)[0]

    def lawful_basis(
        self, address: str, purpose: str, at: int, *, country: str = ""
    ) -> LawfulBasis:
        """Consent, interest or contract alone, without suppression and caps. NotFound
        `consent.purpose`, InputError `address.unreadable`."""
        hashed = self._book.hashed(address).hash
        said = said_of([hashed]).get(hashed, [])
        law = self._policy.countries.get(country.upper(), self._policy.elsewhere)
        return lawful_basis(said, find_purpose(self._policy, purpose), law, self._policy, at)

    def may_send_many(
        self, questions: Sequence[Question], at: int, *, counting: bool = False
    ) -> list[Verdict]:
        """In their order. `counting`: each letter allowed counts for the caps of those after it, as
        when a campaign is planned; else each is answered as if it were the only one."""
        self._check_streams({question.stream for question in questions})
        hashes = self._book.hash_many([question.address for question in questions])
        quiet = QuietTimes(self._zone, at)
        known = self._known(questions, hashes, quiet.day[0], at)
        found: list[Verdict] = []
        for question, hashed in zip(questions, hashes, strict=True):
            stream = self._policy.streams[question.stream]
            verdict = self._verdict(question, stream, hashed, known, quiet, at)
            found.append(verdict)
            if counting and verdict.allowed and not stream.transactional:
                known.contacts.add(question.who, at)
                known.accounts.add(question.account, at)
        return found

    def _verdict(
        self,
        question: Question,
        stream: Stream,
        hashed: str,
        known: Known,
        quiet: QuietTimes,
        at: int,
    ) -> Verdict:
        if not hashed:
            return Verdict(False, (unreadable(question),))
        said, suppressed = known.said.get(hashed, ()), known.suppressed.get(hashed)
        reasons = suppression_reasons(question, stream, suppressed, said) if suppressed else []
        if question.hygiene:
            reasons += address_reasons(question, stream)
        if not stream.transactional:
            reasons += basis_reasons(question, self._policy, said, known.chosen.get(hashed), at)
            if stream.caps or stream.account_day:
                reasons += self._capped(question, stream, known, quiet, at)
            until = quiet.until(stream.quiet, question.zone, question.country, at)
            if until is not None:
                reasons.append(quiet_reason(until))
        return _judged(question, stream, reasons, quiet) if reasons else ALLOWED

    def _capped(
        self, question: Question, stream: Stream, known: Known, quiet: QuietTimes, at: int
    ) -> list[Reason]:
        reasons: list[Reason] = []
        if stream.caps:
            reasons += contact_capped(stream.caps, known.contacts.times(question.who), at)
        if question.account:
            times = known.accounts.times(question.account)
            reasons += account_capped(stream.account_day, times, quiet.day, at)
        return reasons

    def _known(
        self, questions: Sequence[Question], hashes: Sequence[str], day: int, at: int
    ) -> Known:
        streams = self._policy.streams
        pairs = zip(questions, hashes, strict=True)
        marketing = {h for q, h in pairs if h and not streams[q.stream].transactional}
        topical = any(question.topic for question in questions)
        back = max((cap.days for stream in streams.values() for cap in stream.caps), default=0)
        contacts = {q.who for q in questions if streams[q.stream].caps}
        accounts = {q.account for q in questions if q.account and streams[q.stream].account_day}
        return Known(
            suppressed=look_up({*hashes} - {""}, at),
            said=said_of(marketing),
            chosen=choices(marketing) if topical else {},
            contacts=self._tally("contact", contacts, at - back * DAY),
            accounts=self._tally("account", accounts, day),
        )

    def _tally(self, side: Side, names: Collection[str], since: int) -> Tally:
        if not names:
            return Tally({})
        streams = self._policy.marketing_streams()
        return Tally(self._sends.recent(side, names, streams, since))

    def _check_streams(self, names: Collection[str]) -> None:
        for name in names:
            if name not in self._policy.streams:
                near = nearest(name, [*self._policy.streams])
                hint = f"did you mean “{near}”?" if near else "streams are defined in consent.toml"
                message = f"there is no stream “{name}”"
                raise NotFound("consent.stream", message, where="stream", hint=hint)


def _judged(
    question: Question, stream: Stream, reasons: Sequence[Reason], quiet: QuietTimes
) -> Verdict:
    against = [reason.until for reason in reasons if reason.level == "block"]
    ends = [end for end in against if end is not None]
    if not against:
        return Verdict(True, tuple(reasons))
    if len(ends) < len(against):
        return Verdict(False, tuple(reasons))
    until = max(ends)  # a cap may end in the night
    quiet_end = quiet.until(stream.quiet, question.zone, question.country, until)
    return Verdict(False, tuple(reasons), until if quiet_end is None else quiet_end)
