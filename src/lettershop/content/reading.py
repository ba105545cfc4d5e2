"""One file of a letter -> its front matter, checked, and its body, untouched.

Front matter is TOML between two lines `+++` at the very start. The file of the default language
says what all languages share; those of other languages say only what is their own.
"""

import tomllib
from collections.abc import Mapping, Sequence
from typing import Any, cast, get_args

import msgspec

from lettershop.content.languages import language_tag
from lettershop.content.policies import read_policies
from lettershop.content.senders import bad_sender
from lettershop.content.sources import read_data
from lettershop.content.template import Data, Policy, Stream
from lettershop.language.places import Places
from lettershop.language.tables import Page, Table
from lettershop.language.toml_text import toml_mistake
from lettershop.model.errors import Span

FENCE = "+++"
NAME_LIMIT = 100
"""Characters of a template's name; the records keep no more (models.py)."""
LONGEST_LINE = 1_000
"""Characters of a subject or preheader, with the Liquid in it."""
OTHER_WORDS = {
    "from": "sender",
    "reply-to": "reply_to",
    "replyto": "reply_to",
    "fallback": "missing",
    "fallbacks": "missing",
    "preview": "preheader",
    "name": "title",
    "sources": "data",
}
SHARED = ("title", "description", "stream", "sender", "reply_to", "languages", "data")
"""What only the file of the default language says."""
EXAMPLE = 'begin the file with +++, then subject = "…", then +++'


class Front(msgspec.Struct, frozen=True, kw_only=True):
    """What a file says. `body` starts at line `line` of it."""

    subject: str
    preheader: str
    missing: Mapping[str, Policy]
    body: str
    line: int
    title: str = ""
    description: str = ""
    stream: Stream = "marketing"
    sender: str = ""
    reply_to: str = ""
    languages: Mapping[str, Sequence[str]] = {}
    data: Mapping[str, Data] = {}


def read_front(text: str, page: Page, *, default: bool) -> Front | None:
    """Read one file; what is wrong is put on the page. None: there is nothing to go on with.
    `default`: it is the file that says what all languages share."""
    cut = _cut(text, page)
    if cut is None:
        return None
    toml, body = cut
    try:
        values = tomllib.loads(toml)
        page.places = Places(toml)
    except tomllib.TOMLDecodeError as error:
        said, span = toml_mistake(str(error), toml)
        hint = "text goes in quotes; a text with quotes inside goes between ''' and '''"
        page.say(
            "template.toml", f"the front matter is not valid TOML: {said}", hint=hint, span=span
        )
        return None
    except RecursionError:
        page.say("template.toml", "the front matter is nested too deeply")
        return None
    if not body.strip():
        page.say("template.empty", "there is no letter below the front matter")
    return _front(Table(page, (), values), body, toml.count("\n") + 3, default=default)


def _cut(text: str, page: Page) -> tuple[str, str] | None:
    """The front matter, as long as in the file so that places are right there, and the body. The
    first fence becomes a comment."""
    lines = text.split("\n")
    if lines[0].rstrip() != FENCE:
        span = Span(0, len(lines[0]), 1, 1)
        hint = EXAMPLE
        if lines[0].rstrip() == "---":
            hint = "front matter is TOML here, so it stands between two lines +++"
        page.say("template.no_front_matter", "there is no front matter", hint=hint, span=span)
        return None
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if end is None:
        hint = "a line +++ ends it; the letter begins on the next"
        page.say("template.open_front_matter", "the front matter does not end", hint=hint)
        return None
    return "\n".join(["#" + lines[0][1:], *lines[1:end]]), "\n".join(lines[end + 1 :])


def _front(table: Table, body: str, line: int, *, default: bool) -> Front:
    table.need("subject")
    missing = table.mapping("missing")
    own: dict[str, Any] = {
        "subject": _line(table, "subject"),
        "preheader": _line(table, "preheader"),
        "missing": read_policies(missing) if missing else {},
        "body": body,
        "line": line,
    }
    if default:
        own |= _shared(table)
    else:
        _refuse_shared(table)
    table.close(OTHER_WORDS)
    return Front(**own)


def _shared(table: Table) -> dict[str, Any]:
    data, languages = table.mapping("data"), table.mapping("languages")
    return {
        "title": table.text("title"),
        "description": table.text("description"),
        "stream": cast(Stream, table.choice("stream", get_args(Stream), "marketing")),
        "sender": _sender(table, "sender"),
        "reply_to": _sender(table, "reply_to"),
        "languages": _languages(languages) if languages else {},
        "data": read_data(data) if data else {},
    }


def _refuse_shared(table: Table) -> None:
    for key in SHARED:
        if key in table.values:
            table.get(key)
            message = f"“{key}” is the same in all languages"
            hint = "say it in the file without a language"
            table.say("template.shared_key", message, key, hint)


def _line(table: Table, key: str) -> str:
    found = table.text(key)
    if len(found) > LONGEST_LINE:
        table.say("template.too_long", f"“{key}” has at most {LONGEST_LINE:,} characters", key)
    return found


def _sender(table: Table, key: str) -> str:
    found = table.text(key)
    if found and (said := bad_sender(found)):
        table.say("template.sender", f"“{key}” {said}", key, "Ann Lee <ann@example.com>")
    return found


def _languages(table: Table) -> dict[str, tuple[str, ...]]:
    """Language -> those to try next."""
    found = {}
    for key in table.values:
        names = table.texts(key)
        for name in (key, *names):
            if language_tag(name) is None:
                table.say(
                    "template.language", f"“{name}” is not a language", key, "de, pt-BR, zh-Hant"
                )
        found[language_tag(key) or key] = tuple(language_tag(name) or name for name in names)
    return found
