"""From tallies to the Proof that is shown: sorted, named, in words."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from lettershop.content.proof.checks import RULES
from lettershop.content.proof.noticed import UNTOLD, Key, Noticed
from lettershop.content.proof.said import (
    AccountCount,
    Counts,
    LetterClassAnswer,
    LetterFindingAnswer,
    OutcomeCount,
    Proof,
    Proved,
    Sample,
    SkipAnswer,
)
from lettershop.content.proof.tally import ClassTally, Tally
from lettershop.content.proof.wording import Words, class_id, distinct, set_bits

ACCOUNTS = 5
"""Accounts named for a finding: those with the most people."""
ALONE = {"get": "gets", "are": "is", "have": "has"}
"""What the rules' sentences begin with, of one person."""

Tallies = Mapping[str, Tally]


def summed_up(
    tallies: Tallies,
    *,
    total: int,
    cancelled: bool,
    seconds: float,
    named: Callable[[Sequence[int]], Sequence[str]],
) -> Proof:
    classes = [(tally, one) for tally in tallies.values() for one in tally.classes.values()]
    classes.sort(key=lambda pair: (-pair[1].count, pair[1].number))
    ids = {one.number: _id(tally, one) for tally, one in classes}
    common, said = _said(tallies, classes, ids)
    findings = [
        _finding(tally, key, one, ids, named)
        for tally in tallies.values()
        for key, one in tally.notices.all.items()
    ]
    order = {"error": 0, "warning": 1, "info": 2}
    findings.sort(key=lambda finding: (order[finding.level], -finding.count, finding.key))
    proved = Proved(
        counts=_counts(tallies, classes, total=total, cancelled=cancelled, seconds=seconds),
        common=common,
        classes=said,
        outcomes=tuple(_outcomes(tallies)),
        skips=_skips(tallies),
        findings=tuple(findings),
    )
    samples: dict[str, Sample] = {
        ids[one.number]: one.sample for _, one in classes if one.sample is not None
    }
    return Proof(proved, samples)


def _id(tally: Tally, one: ClassTally) -> str:
    return class_id(tally.letter, one.fate, one.reason, one.outcomes)


def _said(
    tallies: Tallies, classes: Sequence[tuple[Tally, ClassTally]], ids: Mapping[int, str]
) -> tuple[tuple[str, ...], tuple[LetterClassAnswer, ...]]:
    """What is so in everybody's letter, and every class in words."""
    words = {language: Words(tally.letter) for language, tally in tallies.items()}
    full = [_phrases(words[tally.letter.variant.language], one) for tally, one in classes]
    common, rest = distinct(full)
    told = _briefly([_mark(*pair) for pair in classes], rest, words.values())
    answers = tuple(
        LetterClassAnswer(
            id=ids[one.number],
            language=tally.letter.variant.language,
            fate=one.fate,
            reason=one.reason,
            count=one.count,
            words=phrases,
            examples=tuple(one.examples),
        )
        for (tally, one), phrases in zip(classes, told, strict=True)
    )
    beyond = any(tally.untold for tally in tallies.values())
    return (() if beyond else common), answers


def _phrases(words: Words, one: ClassTally) -> tuple[str, ...]:
    phrases = (words.of[bit] for bit in set_bits(one.outcomes))
    return tuple(phrase for phrase in phrases if phrase not in words.constant)


def _mark(tally: Tally, one: ClassTally) -> tuple[str, ...]:
    """What tells classes apart besides their words."""
    return tally.letter.variant.language, one.fate, one.reason


def _briefly(
    marks: Sequence[tuple[str, ...]], rest: Sequence[tuple[str, ...]], words: Iterable[Words]
) -> Iterator[tuple[str, ...]]:
    """Without what is usual, where two classes do not come to the same by that."""
    usual = frozenset(phrase for one in words for phrase in one.usual)
    brief = [tuple(phrase for phrase in phrases if phrase not in usual) for phrases in rest]
    alike = Counter(zip(marks, brief, strict=True))
    for mark, phrases, shorter in zip(marks, rest, brief, strict=True):
        yield shorter if alike[mark, shorter] == 1 else phrases


def _counts(
    tallies: Tallies,
    classes: Sequence[tuple[Tally, ClassTally]],
    *,
    total: int,
    cancelled: bool,
    seconds: float,
) -> Counts:
    fates: Counter[str] = Counter()
    for _, one in classes:
        fates[one.fate] += one.count
    untold = 0
    for tally in tallies.values():
        fates.update(tally.untold)
        untold += tally.untold.total()
    sizes = [tally.sizes for tally in tallies.values()]
    largest = max(sizes, key=lambda size: size.largest)
    letters = fates["letter"]
    return Counts(
        total=total,
        done=fates.total(),
        letters=letters,
        skipped=fates["skipped"],
        broken=fates["broken"],
        classes=len(classes),
        beyond=untold,
        cancelled=cancelled,
        seconds=round(seconds, 3),
        largest=largest.largest,
        largest_who=largest.largest_who,
        mean=sum(size.total for size in sizes) // letters if letters else 0,
    )


def _outcomes(tallies: Tallies) -> Iterator[OutcomeCount]:
    """Exact, whatever number of classes there is."""
    for language, tally in tallies.items():
        counts = Counter(tally.untold_bits)
        for one in tally.classes.values():
            for bit in set_bits(one.outcomes):
                counts[bit] += one.count
        words = Words(tally.letter).of
        for bit, outcome in enumerate(tally.letter.outcomes):
            yield OutcomeCount(
                language=language,
                kind=outcome.kind,
                name=outcome.name,
                result=outcome.result,
                line=outcome.line,
                words=words[bit],
                count=counts[bit],
            )


def _skips(tallies: Tallies) -> tuple[SkipAnswer, ...]:
    counts: Counter[str] = Counter()
    examples: dict[str, tuple[str, ...]] = {}
    for tally in tallies.values():
        counts.update(tally.skip_counts)
        for reason, names in tally.skips.items():
            examples.setdefault(reason, tuple(names))
    return tuple(SkipAnswer(reason, n, examples[reason]) for reason, n in counts.most_common())


def _finding(
    tally: Tally,
    key: Key,
    one: Noticed,
    ids: Mapping[int, str],
    named: Callable[[Sequence[int]], Sequence[str]],
) -> LetterFindingAnswer:
    finding, language = one.finding, tally.letter.variant.language
    told = Counter({number: n for number, n in one.accounts.items() if number >= 0})
    top = told.most_common(ACCOUNTS)
    names = named([number for number, _ in top]) if top else ()
    accounts = tuple(AccountCount(name, n) for name, (_, n) in zip(names, top, strict=True))
    span = finding.span
    return LetterFindingAnswer(
        key=hashlib.blake2b(
            msgspec.json.encode([language, *key, finding.message]), digest_size=6
        ).hexdigest(),
        code=finding.code,
        level=finding.level,
        language=language,
        about=one.about,
        message=_message(one, accounts),
        hint=finding.hint,
        count=one.count,
        source=finding.source,
        line=span.line if span else 0,
        column=span.column if span else 0,
        examples=tuple(one.examples),
        accounts=accounts,
        all_accounts=len(told),
        classes={ids[n]: count for n, count in one.classes.most_common() if n != UNTOLD},
        elsewhere=one.classes[UNTOLD],
    )


def _message(one: Noticed, accounts: Sequence[AccountCount]) -> str:
    """“37 people in Acme get an empty place …”; how many of them are in the account with the
    most."""
    people = "1 person" if one.count == 1 else f"{one.count:,} people"
    if accounts and accounts[0].count == one.count:
        people += f" in {accounts[0].name}"
    elif accounts and accounts[0].count > 1:
        people += f" ({accounts[0].count:,} of them in {accounts[0].name})"
    if one.finding.code not in RULES:
        return f"{people}: {one.finding.message}"
    verb, _, rest = one.finding.message.partition(" ")
    return f"{people} {ALONE[verb] if one.count == 1 else verb} {rest}"
