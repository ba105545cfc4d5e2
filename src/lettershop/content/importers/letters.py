"""A whole letter of another tool -> the files of a template, and a report.

A letter is an HTML or MJML file, or the JSON that the tool's API answers with, which holds subject,
preheader and text part as well.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from html import unescape

import msgspec

from lettershop.content.importers.draft import Became, Translation, Vendor
from lettershop.content.importers.front import front_matter
from lettershop.content.importers.translating import translate
from lettershop.model.errors import DefinitionError, Finding

SUBJECT = ("subject", "subject_line")
PREHEADER = ("preheader", "preheaderText", "preview_text", "previewText")
BODY = ("body", "customHtml", "html", "content_html")
TEXT = ("plaintext_body", "plainText", "plain_text", "plainTextVersion")
"""Keys of the APIs of Braze, Mautic, Mailchimp and HubSpot, at any depth."""
DEEPEST = 6
_TITLE = re.compile(r"<(?:mj-)?title[^>]{0,200}>([^<]{1,1000})</(?:mj-)?title>", re.I)
_MARKUP = re.compile(r"<[a-zA-Z!]")
_MJML = re.compile(r"<mjml[\s>]", re.I)


class Foreign(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as the other tool says it. `source`: how findings call it; `parts` of JSON are
    called by their keys, for a place in them is none in the file. `guessed`: the subject is the
    title of the HTML."""

    source: str
    body: str
    subject: str = ""
    preheader: str = ""
    text: str = ""
    guessed: bool = False


class Imported(msgspec.Struct, frozen=True, kw_only=True):
    """`files`: path below content/ to what it says. `findings` are about the letter as it was."""

    name: str
    vendor: Vendor
    files: Mapping[str, str]
    became: tuple[Became, ...]
    findings: tuple[Finding, ...]

    @property
    def untranslated(self) -> int:
        return sum(finding.code == "import.untranslated" for finding in self.findings)


def read_foreign(said: str, source: str) -> Foreign:
    """What a file holds. DefinitionError `import.no_letter`."""
    said = said.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    if source.lower().endswith(".json"):
        return _from_json(said, source)
    if not _MARKUP.search(said):
        raise _refused(source, "this is no HTML and no MJML", "import the HTML of the letter")
    title = _TITLE.search(said)
    subject = " ".join(unescape(title.group(1)).split()) if title else ""
    return Foreign(source=source, body=said, subject=subject, guessed=True)


def import_letter(
    foreign: Foreign,
    vendor: Vendor,
    name: str,
    *,
    fields: Mapping[str, str] = {},
    event: str = "",
    subject: str = "",
    preheader: str = "",
) -> Imported:
    """`name`: of the template. `subject`, `preheader`: instead of the letter's own. `fields`,
    `event`: as of `translate`."""
    ours = partial(_part, foreign.source, vendor, fields=fields, event=event)
    head = ours("subject", subject or foreign.subject)
    known = head.text if head.complete else ""
    parts = {
        "subject": head,
        "preheader": ours("preheader", preheader or foreign.preheader, subject=known),
        "body": ours("body", foreign.body, subject=known),
    }
    if foreign.text.strip():
        parts["text"] = ours("text", foreign.text, subject=known)
    guessed = foreign.guessed and not subject and not head.complete
    if guessed or not head.text.strip():
        parts["subject"] = _without_subject(head, name, foreign.source)
    findings = [finding for part in parts.values() for finding in part.findings]
    return Imported(
        name=name,
        vendor=vendor,
        files=dict(_files(name, parts)),
        became=_added(parts.values()),
        findings=tuple(findings),
    )


def _part(
    source: str,
    vendor: Vendor,
    part: str,
    said: str,
    *,
    fields: Mapping[str, str],
    event: str,
    subject: str = "",
) -> Translation:
    called = source if part == "body" and not source.endswith(".json") else f"{source}#{part}"
    return translate(
        said,
        vendor,
        fields=fields,
        event=event,
        subject=subject,
        plain=part != "body",
        source=called,
    )


def _without_subject(head: Translation, name: str, source: str) -> Translation:
    message = f"no subject was found: it is “{name}” until you write one"
    note = Finding("import.subject", message, "warning", '--subject "…"', source=source)
    return msgspec.structs.replace(head, text=name, became=(), findings=(note,), bare=())


def _files(name: str, parts: Mapping[str, Translation]) -> Iterator[tuple[str, str]]:
    body = parts["body"].text
    ending = "mjml" if _MJML.search(body) else "html"
    yield f"{name}.{ending}", front_matter(parts) + body + ("" if body.endswith("\n") else "\n")
    if "text" in parts:
        yield f"{name}.txt", parts["text"].text


def _added(parts: Iterable[Translation]) -> tuple[Became, ...]:
    found: Counter[tuple[str, str]] = Counter()
    for one in (one for part in parts for one in part.became):
        found[one.theirs, one.ours] += one.times
    return tuple(Became(theirs=theirs, ours=ours, times=n) for (theirs, ours), n in found.items())


def _from_json(said: str, source: str) -> Foreign:
    try:
        found = msgspec.json.decode(said)
    except (msgspec.DecodeError, RecursionError) as error:
        raise _refused(source, f"this is not JSON: {error}") from error
    texts = dict(_texts(found, 0))

    def first(keys: tuple[str, ...]) -> str:
        return next((texts[key] for key in keys if texts.get(key, "").strip()), "")

    if not first(BODY):
        hint = f"the HTML stands under one of {', '.join(BODY)}"
        raise _refused(source, "there is no letter in this JSON", hint)
    return Foreign(
        source=source,
        body=first(BODY),
        subject=" ".join(first(SUBJECT).split()),
        preheader=" ".join(first(PREHEADER).split()),
        text=first(TEXT),
    )


def _texts(found: object, depth: int) -> Iterator[tuple[str, str]]:
    """Key and text of everything, what is nearer to the top last, so that it counts."""
    if depth > DEEPEST:
        return
    match found:
        case dict():
            for value in found.values():
                yield from _texts(value, depth + 1)
            yield from ((key, value) for key, value in found.items() if isinstance(value, str))
        case list():
            for value in found[:20]:
                yield from _texts(value, depth + 1)
        case _:
            return


def _refused(source: str, message: str, hint: str = "") -> DefinitionError:
    return DefinitionError([Finding("import.no_letter", message, hint=hint, source=source)])
