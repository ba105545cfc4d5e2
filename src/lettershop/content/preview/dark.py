"""A letter as it looks in dark mode: its own rules for that are made unconditional.

This is what clients do that hand dark mode to the letter (Apple Mail, Thunderbird, Outlook for Mac
and others). Those that change colours by themselves, each in its own way (Gmail's apps, Outlook for
Windows), are not imitated: nothing true could be said about them.
"""

import re
from collections.abc import Sequence
from html import escape, unescape
from typing import Any, Final

import tinycss2

ALWAYS: Final = "min-width: 0"
NEVER: Final = "max-width: 0"
"""Features of `@media` that are so on every screen, and on none."""

_STYLE = re.compile(r"(<style\b[^>]*>)(.*?)(</style\s*>)", re.I | re.S)
_MEDIA = re.compile(r"""(\smedia\s*=\s*)(?:"([^"]*)"|'([^']*)')""", re.I)
_TAG = re.compile(r"<(?:style|link|source|meta)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.I)
_HEAD = re.compile(r"<head\b[^>]*>", re.I)
_SCHEME = re.compile(r"""name\s*=\s*["']?color-scheme["']?""", re.I)
_CONTENT = re.compile(r"""content\s*=\s*["']?([^"'>]*)""", re.I)
_DECLARED = re.compile(r"(?<![\w-])color-scheme\s*:\s*([a-z\s]+)", re.I)


def dark(html: str) -> str:
    """The letter's HTML for a screen in dark mode; a letter that says it is light stays so."""
    turned = _STYLE.sub(lambda m: f"{m[1]}{_turned(m[2])}{m[3]}", html)
    turned = _TAG.sub(lambda m: _MEDIA.sub(_turned_attribute, m[0]), turned)
    if _stays_light(html):
        return turned
    return put_first(turned, "<style>:root { color-scheme: dark !important; }</style>")


def put_first(html: str, what: str) -> str:
    """`what` as the first thing of the head; at the very start where there is no head."""
    head = _HEAD.search(html)
    at = head.end() if head else 0
    return html[:at] + what + html[at:]


def _turned(css: str) -> str:
    """CSS whose `(prefers-color-scheme: …)` are decided, however they are written."""
    if "prefers-color-scheme" not in css.lower():
        return css
    nodes = tinycss2.parse_component_value_list(css)
    _decide(nodes)
    return str(tinycss2.serialize(nodes))


def _turned_attribute(found: "re.Match[str]") -> str:
    said = found[2] if found[2] is not None else found[3]
    return f'{found[1]}"{escape(_turned(unescape(said)))}"'


def _decide(nodes: Sequence[Any]) -> None:
    for node in nodes:
        content = getattr(node, "content", None)
        if content is None:
            continue
        words = [one.serialize().lower() for one in content if one.type not in _BETWEEN]
        if node.type == "() block" and words[:2] == ["prefers-color-scheme", ":"]:
            decided = ALWAYS if words[2:] == ["dark"] else NEVER
            node.content[:] = tinycss2.parse_component_value_list(decided)
        else:
            _decide(content)


_BETWEEN = ("whitespace", "comment")


def _stays_light(html: str) -> bool:
    """It declares colour schemes, and dark is not among them."""
    said = [found[1] for tag in _TAG.findall(html) for found in _schemes(tag)]
    said += [found[1] for css in _STYLE.findall(html) for found in _DECLARED.finditer(css[1])]
    named = {word for text in said for word in text.lower().split()}
    return "light" in named and "dark" not in named


def _schemes(tag: str) -> Sequence["re.Match[str]"]:
    return [*_CONTENT.finditer(tag)] if _SCHEME.search(tag) else []
