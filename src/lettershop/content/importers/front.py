"""The front matter of an imported letter, as text.

What is only a suggestion stands there as a comment: variables that have no default, and of which
the other tool left an empty place where they were missing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import assert_never

from lettershop.content.importers.draft import Translation
from lettershop.content.reading import FENCE
from lettershop.content.template import (
    Data,
    Events,
    Fallback,
    Hide,
    Items,
    LastEvent,
    Outside,
    Policy,
    Records,
    Skip,
)


def front_matter(parts: Mapping[str, Translation]) -> str:
    """`parts`: subject, preheader, body and, where there is one, text. With its two fences."""
    lines = [FENCE, f"subject = {string(one_line(parts['subject'].text))}"]
    if parts["preheader"].text.strip():
        lines.append(f"preheader = {string(one_line(parts['preheader'].text))}")
    lines += _missing(parts.values())
    lines += _data(parts.values())
    return "\n".join([*lines, FENCE, ""])


def _missing(parts: Iterable[Translation]) -> Iterator[str]:
    said = {name: policy for part in parts for name, policy in part.missing.items()}
    bare = [name for name in dict.fromkeys(n for p in parts for n in p.bare) if name not in said]
    if not said and not bare:
        return
    yield from ("", "[missing]")
    yield from (f"{string(name)} = {_policy(policy)}" for name, policy in said.items())
    if bare:
        yield '# Say a text, { hide = true } or { skip = "why" } of what somebody may lack:'
        yield from (f'# {string(name)} = ""' for name in bare)


def _policy(policy: Policy) -> str:
    match policy:
        case Fallback(text=text):
            return string(text)
        case Hide():
            return "{ hide = true }"
        case Skip(reason=reason):
            return f"{{ skip = {string(reason)} }}"
        case _:
            assert_never(policy)


def _data(parts: Iterable[Translation]) -> Iterator[str]:
    sources = {name: source for part in parts for name, source in part.data.items()}
    for name, source in sources.items():
        yield from ("", f"[data.{name}]", *_source(source))


def _source(source: Data) -> Iterator[str]:
    match source:
        case LastEvent():
            yield f"last = {string(source.event)}"
        case Events():
            yield from (f"events = {string(source.event)}", f"limit = {source.limit}")
        case Records():
            yield from (f"records = {string(source.kind)}", f"limit = {source.limit}")
        case Items():
            yield from (f"catalog = {string(source.catalog)}", f"limit = {source.limit}")
        case Outside():
            yield from (f"url = {string(source.url)}", f"cache = {source.cache}")
        case _:
            assert_never(source)


def one_line(text: str) -> str:
    return " ".join(text.split())


def string(text: str) -> str:
    """A text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
