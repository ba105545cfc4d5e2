"""Definitions come as TOML files: what the standard reader says of one, with its place."""

import re

from lettershop.model.errors import Span

_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)")


def toml_mistake(problem: str, text: str) -> tuple[str, Span]:
    """What a `tomllib.TOMLDecodeError` says without the place, and the place in `text`."""
    found = _AT.search(problem)
    lines = text.split("\n")
    line, column = len(lines), len(lines[-1]) + 1
    if found and found[1]:
        line, column = int(found[1]), int(found[2])
    start = sum(len(before) + 1 for before in lines[: line - 1]) + column - 1
    return _AT.sub("", problem), Span(start, start + 1, line, column)
