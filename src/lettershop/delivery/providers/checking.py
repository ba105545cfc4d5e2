"""Whether the list of providers holds what it says: every example decided by its own rule."""

from collections.abc import Iterator, Sequence
from typing import Any

import re2

from lettershop.delivery.providers.backoff import asked_for
from lettershop.delivery.providers.duration import seconds
from lettershop.delivery.providers.knowledge import FILE, Knowledge, Provider, ReplyRule
from lettershop.delivery.providers.whose import Whose
from lettershop.delivery.wire import Reply
from lettershop.model.errors import Finding


def check(knowledge: Knowledge) -> list[Finding]:
    """Everything that is wrong, all at once."""
    found = [*_providers(knowledge), *_general(knowledge), *_delays(knowledge)]
    for name, plan in knowledge.plan.items():
        if not plan.days or min(plan.days) < 1 or list(plan.days) != sorted(plan.days):
            found.append(_finding(f"plan.{name}", "days are numbers from 1 that never fall"))
    return found


def _providers(knowledge: Knowledge) -> Iterator[Finding]:
    whose = Whose(knowledge)
    for name, provider in knowledge.provider.items():
        place = f"provider.{name}"
        yield from _limits(place, provider)
        if not (provider.label and provider.source and provider.mx):
            yield _finding(place, "label, mx and source must be said")
        for host in provider.hosts:
            if (pool := whose.pool([host])) != name:
                yield _finding(place, f"its host {host} is taken for {pool}'s")
        for domain in provider.domains:
            if (pool := whose.of_mailboxes(domain)) != name:
                yield _finding(place, f"its domain {domain} is also {pool}'s")
        yield from _rules(place, provider.reply, knowledge.rules(name))


def _general(knowledge: Knowledge) -> Iterator[Finding]:
    yield from _limits("usual", knowledge.usual)
    yield from _limits("smart_host", knowledge.smart_host)
    yield from _rules("reply", knowledge.reply, knowledge.reply)


def _limits(place: str, provider: Provider) -> Iterator[Finding]:
    if provider.connections < 1 or provider.messages < 1 or provider.per_minute < 0:
        yield _finding(place, "connections and messages begin at 1, per_minute at 0")


def _rules(place: str, own: Sequence[ReplyRule], asked: Sequence[ReplyRule]) -> Iterator[Finding]:
    """`asked`: those that decide, in their order."""
    patterns = [_compiled(rule.match) for rule in asked]
    for rule in own:
        if _compiled(rule.match) is None:
            yield _finding(place, f"“{rule.match}” is not a pattern RE2 knows")
            continue
        if rule.connections < 1:
            yield _finding(place, f"“{rule.match}”: connections begin at 1")
        for said in (rule.pause, rule.grow):
            try:
                seconds(said)
            except ValueError as error:
                yield _finding(place, f"“{rule.match}”: {error}")
        fitting = (r for r, p in zip(asked, patterns, strict=True) if p and p.search(rule.example))
        decided = next(fitting, None)
        if decided != rule:
            by = f"decided by “{decided.match}”" if decided else "decided by no rule"
            yield _finding(place, f"the example of “{rule.match}” is {by}")


def _delays(knowledge: Knowledge) -> Iterator[Finding]:
    for delay in knowledge.delay:
        pattern = _compiled(delay.match)
        if pattern is None or "n" not in pattern.groupindex:
            yield _finding("delay", f"“{delay.match}” names no number n, or RE2 does not know it")
            continue
        found = asked_for(_reply(delay.example), knowledge.delay)
        if found != delay.seconds:
            message = f"the example of “{delay.match}” asks for {found} seconds"
            yield _finding("delay", f"{message}, not {delay.seconds}")


def _reply(example: str) -> Reply:
    code, _, text = example.partition(" ")
    return Reply(code=int(code), text=text)


def _compiled(pattern: str) -> Any | None:
    try:
        return re2.compile(f"(?i){pattern}")
    except re2.error:
        return None


def _finding(place: str, message: str) -> Finding:
    return Finding("providers.rule", message, source=f"{FILE} [{place}]")
