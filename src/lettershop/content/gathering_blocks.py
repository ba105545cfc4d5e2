"""The conditions of dynamic blocks: texts of the segment language, asked of contacts.

Block.conditions -> one hidden definition per different text -> per recipient the first that is true
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from lettershop.content.letter import Block
from lettershop.engines.duckdb.evaluate import Evaluation
from lettershop.language import check, parse
from lettershop.language.definition import Definition
from lettershop.language.text.parse import Parsed
from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog
from lettershop.model.errors import DefinitionError, Finding, Span
from lettershop.planning.frame import Ints

MOST = 100
"""Conditions of one block; what is shown is written as one byte."""

Shown = npt.NDArray[np.int8]


class Conditions(NamedTuple):
    """`definitions`: one for each different text, under names no segment can have; `names`: per
    block the names of its conditions, in order."""

    definitions: tuple[Definition, ...]
    names: tuple[tuple[str, ...], ...]


def read_conditions(blocks: Sequence[Block]) -> Conditions:
    """DefinitionError with everything that cannot be read, at the lines of the blocks."""
    findings: list[Finding] = []
    found: dict[str, Definition] = {}
    for block in blocks:
        findings += _too_many(block, "")
        for number, text in enumerate(block.conditions):
            parsed = _parsed(block, number, "", "", findings)
            if parsed is not None and text.strip() not in found:
                name = f"block\n{len(found)}"
                found[text.strip()] = Definition(name=name, subject="contact", where=parsed.tree)
    if findings:
        raise DefinitionError(findings)
    names = tuple(tuple(found[t.strip()].name for t in block.conditions) for block in blocks)
    return Conditions(tuple(found.values()), names)


def check_blocks(
    blocks: Sequence[Block],
    catalog: Catalog,
    segments: Mapping[str, Subject],
    source: str = "",
    text: str = "",
) -> list[Finding]:
    """All there is to say about the conditions of a letter's blocks: `segments` are the names they
    may ask about; a condition is asked of contacts, so a segment of accounts is asked about as
    `account in segment …`.

    `source`: the file's name, `text` what stands in it: findings point at the very words. Without
    the text they point at the line of the block.
    """
    findings: list[Finding] = []
    for block in blocks:
        findings += _too_many(block, source)
        for number in range(len(block.conditions)):
            parsed = _parsed(block, number, source, text, findings)
            if parsed is not None:
                said = check(parsed.tree, "contact", catalog, segments=segments, spans=parsed.spans)
                findings += [_placed(f, block, number, source, text) for f in said]
    return findings


def shown(found: Evaluation, conditions: Conditions, slots: Ints) -> Shown:
    """(n, blocks) for n pairs of the frame: the first condition that is true of the pair, or how
    many there are where none is. What is said about the account is about the pair's."""
    truth = found.truth
    true = {d.name: truth.over_pairs(truth.whole[d.name])[slots] for d in conditions.definitions}
    chosen = np.empty((len(slots), len(conditions.names)), np.int8)
    for block, names in enumerate(conditions.names):
        chosen[:, block] = len(names)
        for number in range(len(names) - 1, -1, -1):
            chosen[true[names[number]], block] = number
    return chosen


def _too_many(block: Block, source: str) -> list[Finding]:
    if len(block.conditions) <= MOST:
        return []
    message = f"the block “{block.name}” has more than {MOST} conditions"
    hint = "use a field or a catalog of items instead of a condition for each case"
    span = Span(0, 0, block.line, 1)
    return [Finding("block.too_many", message, hint=hint, span=span, source=source)]


def _parsed(
    block: Block, number: int, source: str, text: str, findings: list[Finding]
) -> Parsed | None:
    try:
        return parse(block.conditions[number])
    except DefinitionError as error:
        findings += [_placed(f, block, number, source, text) for f in error.findings]
        return None


def _placed(finding: Finding, block: Block, number: int, source: str, text: str) -> Finding:
    """A finding about a condition, as one about the file it stands in."""
    start = _start(block, number, text)
    span = Span(0, 0, block.line, 1)
    if start is not None:
        own = finding.span or Span(0, len(block.conditions[number]), 1, 1)
        before = text[: start + own.start]
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        span = Span(start + own.start, start + own.end, line, column)
    message = f"{finding.message} (“{block.name}”, when {number + 1})"
    return msgspec.structs.replace(finding, message=message, span=span, source=source)


def _start(block: Block, number: int, text: str) -> int | None:
    """Where a condition begins in the text of the file: behind those before it."""
    at = 0
    for _ in range(block.line - 1):
        at = text.find("\n", at) + 1
        if not at:
            return None
    for condition in block.conditions[: number + 1]:
        start = text.find(condition, at)
        if start < 0:
            return None
        at = start + len(condition)
    return start
