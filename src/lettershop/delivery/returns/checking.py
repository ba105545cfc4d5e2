"""Are the rules sound? Each compiles, each example falls to its own rule, each can be reached.

RE2 has no patterns that run away; one that is too large for its memory is refused here.
"""

import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
import re2

from lettershop.delivery.returns.rules import FILE, Rule, Rules, compiled, loaded, spoken
from lettershop.delivery.returns.words import Words, words
from lettershop.model.errors import Finding, Span


def check(text: str, source: str = FILE) -> list[Finding]:
    """All that is wrong with a text of rules; each finding names its rule."""
    try:
        rules = loaded(text)
    except (msgspec.ValidationError, tomllib.TOMLDecodeError) as error:
        return [Finding("bounces.form", str(error), source=source)]
    broken = [*_broken(rules, source)]
    found = broken or [*_repeated(rules, source), *_misjudged(Rules(rules), source)]
    return [_placed(one, text, rules) for one in found]


def check_words(known: Words | None = None, source: str = "words.toml") -> list[Finding]:
    """Patterns of the words file that do not compile."""
    told = known or words()
    found = []
    for place, pattern in told.patterns():
        try:
            compiled(pattern)
        except re2.error as error:
            said = f"{place}: {_reason(error)}"
            found.append(Finding("words.pattern", said, source=source))
    return found


def _broken(rules: Sequence[Rule], source: str) -> Iterator[Finding]:
    for rule in rules:
        if not rule.pattern and not rule.status and not rule.code:
            message = f"{rule.id} has neither pattern, status nor code"
            yield Finding("bounces.empty", message, source=source)
        if not rule.examples:
            hint = 'examples = ["550 5.1.1 User unknown"]'
            message = f"{rule.id} has no example"
            yield Finding("bounces.example", message, hint=hint, source=source)
        try:
            compiled(rule.pattern)
        except re2.error as error:
            message = f"the pattern of {rule.id} cannot be used: {_reason(error)}"
            hint = "RE2 has no look-around and no references back"
            yield Finding("bounces.pattern", message, hint=hint, source=source)


def _repeated(rules: Sequence[Rule], source: str) -> Iterator[Finding]:
    for name, times in Counter(rule.id for rule in rules).items():
        if times > 1:
            message = f"{times} rules are called {name}"
            yield Finding("bounces.repeated", message, source=source)


def _misjudged(rules: Rules, source: str) -> Iterator[Finding]:
    for rule in rules.rules:
        fates = [(said, rules.classify(spoken(said)).rule) for said in rule.examples]
        if all(fate != rule.id for _, fate in fates):
            others = ", ".join(sorted({fate or "no rule" for _, fate in fates}))
            message = f"{rule.id} is never reached: its examples fall to {others}"
            hint = "move it up, or make the other narrower"
            yield Finding("bounces.shadowed", message, hint=hint, source=source)
            continue
        for said, fate in fates:
            if fate != rule.id:
                message = f"“{said}” of {rule.id} falls to {fate or 'no rule'}"
                yield Finding("bounces.misjudged", message, source=source)


def _placed(finding: Finding, text: str, rules: Sequence[Rule]) -> Finding:
    """With the line on which the rule it names begins; of rules of one name the last."""
    named = (rule.id for rule in rules if rule.id in finding.message.split())
    for name in named:
        start = text.rfind(f'"{name}"')
        if start >= 0:
            line = text.count("\n", 0, start) + 1
            column = start - text.rfind("\n", 0, start)
            span = Span(start, start + len(name) + 2, line, column)
            return msgspec.structs.replace(finding, span=span)
    return finding


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else error
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
