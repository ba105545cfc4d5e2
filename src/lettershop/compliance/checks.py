"""The parts of a verdict, one function each; pure. What transactional letters are spared is said in
gate.py, but for suppression: there the hard reasons hold for every letter."""

from collections.abc import Mapping, Sequence
from typing import Final

from lettershop.compliance.question import Question
from lettershop.compliance.rules import Level, Policy, Stream
from lettershop.compliance.standing import Reason, Said, lawful_basis, standing
from lettershop.compliance.suppression import InForce
from lettershop.compliance.words import (
    EVERYTHING,
    HARD,
    Rule,
    SuppressionReason,
    stream_scope,
    topic_scope,
)
from lettershop.model.clock import format_instant
from lettershop.model.values import fold

WORDS: Final[Mapping[SuppressionReason, str]] = {
    "bounce": "the address bounced",
    "complaint": "they marked a letter as spam",
    "unsubscribe": "they unsubscribed",
    "objection": "they objected to marketing",
    "manual": "suppressed by hand",
    "import": "on a list of suppressed addresses",
    "erased": "they were erased and are not to be written to",
}
HYGIENE: Final[Mapping[str, tuple[Level, str]]] = {
    "invalid": ("block", "the address cannot exist"),
    "mistyped": ("warn", "the address looks mistyped"),
    "outdated": ("warn", "letters to this address came back"),
    "disposable": ("warn", "a throw-away address"),
    "role": ("warn", "an address of a role, not of a person"),
}


def unreadable(question: Question) -> Reason:
    said = f"“{question.address[:100]}” is not an e-mail address"
    return Reason(rule="AUD-7", code="address.unreadable", level="block", said=said)


def suppression_reasons(
    question: Question, stream: Stream, found: Sequence[InForce], said: Sequence[Said]
) -> list[Reason]:
    scopes = {EVERYTHING, stream_scope(question.stream), topic_scope(question.topic)}
    covering = [one for one in found if one.scope in scopes]
    if stream.transactional:
        return [_suppressed(one) for one in covering if one.reason in HARD]
    reasons = [_suppressed(one) for one in covering]
    if any(one.state == "given" and one.imported for one in said) and covering:
        text = "a list says they consented; that does not revive a suppressed address"
        reasons.append(_block("AUD-6", "suppressed.imported", text))
    return reasons


def address_reasons(question: Question, stream: Stream) -> list[Reason]:
    """What is wrong with the address itself; to a letter that somebody waits for only that nobody
    can be reached there."""
    known = HYGIENE.get(question.hygiene)
    if known is None or (stream.transactional and known[0] != "block"):
        return []
    level, said = known
    return [Reason(rule="AUD-7", code=f"address.{question.hygiene}", level=level, said=said)]


def basis_reasons(
    question: Question,
    policy: Policy,
    said: Sequence[Said],
    chosen: Mapping[str, bool] | None,
    at: int,
) -> list[Reason]:
    """Lawful basis, objection, bought addresses, country, topic."""
    reasons = _bought(question, policy) if question.acquired else []
    if question.topic:
        reasons += _unwanted(question, policy, chosen)
    purpose = policy.purposes.get(question.purpose)
    if purpose is None:
        if standing(said, question.purpose, at).objected:
            reasons.append(_block("AUD-3", "consent.objected", "they objected to marketing"))
        named = f"“{question.purpose}” is not defined" if question.purpose else "is not named"
        reasons.append(_block("AUD-2", "consent.purpose", f"the purpose of the letter {named}"))
        return reasons
    if purpose.stream != question.stream:
        text = f"“{purpose.name}” is sent in the stream “{purpose.stream}”, not in this one"
        reasons.append(_block("AUD-2", "consent.stream", text))
    country = policy.countries.get(question.country.upper(), policy.elsewhere)
    reasons += lawful_basis(said, purpose, country, policy, at).reasons
    return reasons


def quiet_reason(until: int) -> Reason:
    said = f"it is a quiet time where they are, until {format_instant(until)}"
    return Reason(rule="AUD-5", code="quiet", level="block", said=said, until=until)


def _bought(question: Question, policy: Policy) -> list[Reason]:
    if fold(question.acquired) not in policy.bought:
        return []
    said = f"the address comes from “{question.acquired}”, which was bought"
    return [_block("AUD-4", "address.bought", said)]


def _unwanted(
    question: Question, policy: Policy, chosen: Mapping[str, bool] | None
) -> list[Reason]:
    topic = policy.topics.get(question.topic)
    if topic is None:
        return [_block("AUD-1", "topic.unknown", f"there is no topic “{question.topic}”")]
    if (chosen or {}).get(topic.name, topic.wanted):
        return []
    said = "they do not want this topic" if chosen else "they have not chosen this topic"
    return [_block("AUD-1", "topic.unwanted", f"{said} (“{topic.name}”)")]


def _suppressed(one: InForce) -> Reason:
    where = "" if one.scope == EVERYTHING else f" ({one.scope})"
    said = f"{WORDS[one.reason]}{where}, since {format_instant(one.at)}"
    return Reason(
        rule="AUD-3" if one.reason == "objection" else "AUD-1",
        code=f"suppressed.{one.reason}",
        level="block",
        said=said,
        until=one.expires_at,
    )


def _block(rule: Rule, code: str, said: str) -> Reason:
    return Reason(rule=rule, code=code, level="block", said=said)
