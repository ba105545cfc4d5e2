"""The last round over the HTML: what was put aside comes back, and what every letter needs is
there: doctype, language, charset, viewport, the hidden preheader."""

import re
from html import escape

import msgspec

from lettershop.content.markup.marks import Marks, pieces
from lettershop.content.markup.tags import start_tag
from lettershop.content.markup.tidy import IGNORED
from lettershop.content.markup.tokens import (
    Attribute,
    Comment,
    Declaration,
    End,
    Start,
    Text,
    Token,
    Unended,
    tokens,
)

HIDDEN = (
    "display:none;font-size:1px;line-height:1px;max-height:0;max-width:0;opacity:0;overflow:hidden;"
    "mso-hide:all"
)
PADDING = "&#847;&zwnj;&nbsp;" * 50
"""Keeps the letter's first words out of the list of mails, behind a short preheader."""
NEEDED = (
    ("charset", '<meta http-equiv="Content-Type" content="text/html; charset=UTF-8">'),
    ("viewport", '<meta name="viewport" content="width=device-width, initial-scale=1">'),
    ("<title", "<title></title>"),
)
EMPTY_STYLE = re.compile(r"<style[^>]*>\s*</style>")
UNKNOWN = "und"
"""What the compiler calls a language nobody told it."""
OPENING = re.compile(r"\{(?=[{%])")


HEAD = ("style", "meta", "link", "title", "base")
UNSTYLED = (*HEAD, "head")
"""Elements that a rule for all (`*`) styles without effect."""
WHOLE = ("html", "head", "body")


def whole(found: list[Token]) -> list[Token]:
    """Tokens of a fragment as those of a document: the styles it begins with are its head."""
    if any(isinstance(token, Start) and token.name in WHOLE for token in found):
        return found
    cut = end_of_head(found)
    return [
        *(Start("html", (), 0, 0), Start("head", (), 0, 0)),
        *found[:cut],
        *(End("head", 0, 0), Start("body", (), 0, 0)),
        *found[cut:],
        *(End("body", 0, 0), End("html", 0, 0)),
    ]


def end_of_head(found: list[Token]) -> int:
    """The number of the first token behind the elements of a head that a fragment begins with;
    comments and blanks may stand between these."""
    end = 0
    for number, token in enumerate(found):
        match token:
            case Start() | End() if token.name in HEAD:
                end = number + 1
            case Comment() | Declaration() | Text(raw=True):
                pass
            case Text() if not token.text.strip():
                pass
            case _:
                break
    return end


class Document:
    """`preheader`: its text and its place, counted from the body."""

    def __init__(self, marks: Marks, language: str, preheader: tuple[str, int]) -> None:
        self.marks, self.language = marks, language
        self.preheader = hidden(*preheader, marks)
        self.seen_body = False

    def finish(self, html: str) -> str:
        """The HTML with marks, all that was put aside back in its place."""
        found = list(tokens(EMPTY_STYLE.sub("", html)))
        head = html[: html.lower().find("<body")].lower()
        missing = "".join(tag for word, tag in NEEDED if word not in head)
        parts = [] if any(is_doctype(token) for token in found) else ["<!DOCTYPE html>"]
        for token in found:
            parts.append(self.token(token))
            if isinstance(token, Start) and token.name == "head":
                parts.append(missing)
        return "".join(parts)

    def token(self, token: Token) -> str:
        match token:
            case Start():
                return self.start(token)
            case End():
                return f"</{token.name}>"
            case Text(raw=True):
                return self.marks.outside(token.text, lambda text: OPENING.sub("{ ", text))
            case Text():
                return self.plain(token.text)
            case Comment():
                return self.comment(token.text)
            case Declaration() | Unended():
                return token.text

    def start(self, token: Start) -> str:
        attributes = []
        for attribute in merged(token.attributes, self.marks):
            if attribute.name == IGNORED.name or is_unknown(attribute):
                continue
            if attribute.name == "style" and token.name in UNSTYLED:
                continue
            attributes.append(msgspec.structs.replace(attribute, value=self.plain(attribute.value)))
        names = [attribute.name for attribute in attributes]
        if token.name == "html" and "lang" not in names and self.language:
            attributes.insert(0, Attribute("lang", self.language, 0))
        tag = start_tag(token.name, attributes)
        if token.name == "body" and not self.seen_body:
            self.seen_body = True
            return tag + self.preheader
        return tag

    def comment(self, text: str) -> str:
        """Marks stood in comments of their own only to get past the parsers."""
        if self.marks.pattern.fullmatch(text):
            return text
        inside = self.marks.outside(text, lambda part: OPENING.sub("{ ", part))
        return f"<!--{inside.replace(f' {IGNORED.name}', '')}-->"

    def plain(self, text: str) -> str:
        """Braces that no Liquid was made of are not to become Liquid now."""
        return self.marks.outside(text, literal)


def literal(text: str) -> str:
    text = OPENING.sub("&#123;", text)
    return f"{text[:-1]}&#123;" if text.endswith("{") else text


def merged(attributes: tuple[Attribute, ...], marks: Marks) -> list[Attribute]:
    """With the `style` that was put aside behind the one from the rules, where it wins."""
    aside = next((a.value for a in attributes if a.name == marks.aside_name), "")
    if not aside:
        return list(attributes)
    said = next((a.value for a in attributes if a.name == "style"), "").rstrip("; ")
    value = f"{said};{marks.values[int(aside)]}" if said else marks.values[int(aside)]
    kept = [a for a in attributes if a.name not in ("style", marks.aside_name)]
    return [*kept, Attribute("style", value, 0)]


def hidden(preheader: str, place: int, marks: Marks) -> str:
    """The preheader as HTML that nobody sees who opens the letter, marked; "" for none."""
    if not preheader.strip():
        return ""
    parts, at = [], 0
    for piece in pieces(preheader):
        word = marks.add(msgspec.structs.replace(piece, start=min(-1, place + piece.start)))
        parts += [escape(preheader[at : piece.start]), word]
        at = piece.start + len(piece.text)
    text = "".join([*parts, escape(preheader[at:])])
    return f'<div style="{HIDDEN}">{text}{PADDING}</div>'


def is_unknown(attribute: Attribute) -> bool:
    return attribute.name == "lang" and attribute.value == UNKNOWN


def is_doctype(token: Token) -> bool:
    return isinstance(token, Declaration) and token.text.lower().startswith("<!doctype")
