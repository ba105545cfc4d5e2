"""The text after `where` of a data source: a condition over an event's properties or a record's
fields, as it stands within `where (…)` of the segment language."""

from lettershop.language import parse
from lettershop.language.tree import Condition, Did, HasRecord
from lettershop.model.errors import DefinitionError, Finding, Span

_EVENT, _RECORD = 'did "x" where (', "has a deal where ("


def event_condition(text: str) -> Condition:
    """Over the properties of events. DefinitionError; spans count in `text`."""
    return _within(_EVENT, text)


def record_condition(text: str) -> Condition:
    """Over the fields of records. DefinitionError; spans count in `text`."""
    return _within(_RECORD, text)


def _within(before: str, text: str) -> Condition:
    """Read as part of the condition in which the language knows it."""
    try:
        tree = parse(f"{before}{text}\n)").tree
    except DefinitionError as error:
        findings = _ended(before + text) or error.findings
        raise DefinitionError([_moved(f, len(before), len(text)) for f in findings]) from None
    match tree:
        case Did() if tree.events.where is not None:
            return tree.events.where
        case HasRecord() if tree.where is not None:
            return tree.where
        case _:
            message = "this closes a parenthesis that was not opened"
            span = Span(0, len(text), 1, 1)
            raise DefinitionError([Finding("language.syntax", message, span=span)])


def _ended(text: str) -> list[Finding]:
    """What is wrong with a text that only ends too early; nobody wrote our parenthesis."""
    try:
        parse(text)
    except DefinitionError as error:
        ends = all(
            f.span is not None and f.span.start >= len(text.rstrip()) for f in error.findings
        )
        return error.findings if ends else []
    return []


def _moved(finding: Finding, skip: int, length: int) -> Finding:
    span = finding.span or Span(skip, skip + length, 1, 1)
    start, end = (min(max(0, place - skip), length) for place in (span.start, span.end))
    column = span.column - skip if span.line == 1 else span.column
    moved = Span(start, end, span.line, max(1, column))
    return Finding(finding.code, finding.message, finding.level, finding.hint, moved)
