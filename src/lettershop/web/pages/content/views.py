"""What the pages of letters show, in rows ready to be drawn."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final, assert_never

import msgspec

from lettershop.app.letters import Letters, Preview
from lettershop.app.people import ContactRow, Membership, find_contacts, memberships
from lettershop.app.seeds import raw_source
from lettershop.app.template_answers import templates_in_force
from lettershop.app.templates import ListedTemplate, listed
from lettershop.content.making import made
from lettershop.content.proof.places import leaves
from lettershop.content.proof.records import Locked
from lettershop.content.proof.said import LetterClassAnswer, LetterProofAnswer
from lettershop.content.template import (
    Data,
    Events,
    Items,
    LastEvent,
    Outside,
    Records,
    Template,
)
from lettershop.model.errors import Finding, LettershopError, NotFound
from lettershop.model.values import fold
from lettershop.web.pages.content.asked import Asked

FOUND: Final = 8
"""Contacts a search shows."""
CLASSES: Final = 12
"""Classes of a proof beside a letter; the proof's own page has more."""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A template in the list. `locked` is about `proof`, the newest; None: it may be sent."""

    name: str
    title: str
    subject: str
    state: str
    languages: tuple[str, ...]
    errors: int
    warnings: int
    proof: LetterProofAnswer | None
    locked: Locked | None


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A dynamic block of a template (`conditions`, `where` it stands), or a source of its data
    (`says` which, with the `catalog` of items)."""

    name: str
    conditions: tuple[str, ...] = ()
    where: str = ""
    says: str = ""
    catalog: str = ""


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """A letter as one contact gets it, or why not: `error`, or `matches` of what was typed."""

    asked: Asked
    preview: Preview | None = None
    error: LettershopError | None = None
    matches: Sequence[ContactRow] = ()
    accounts: Sequence[Membership] = ()


def lines(letters: Letters) -> list[Line]:
    """Every template of the folder, and those in force that it no longer has."""
    found = listed(letters.shelf, templates_in_force())
    broken = [
        _line(
            letters,
            ListedTemplate(
                name=name,
                state="new",
                version=None,
                title="",
                subject="",
                languages=(),
                stream=None,
            ),
            list(findings),
            "broken",
        )
        for name, findings in found.broken.items()
    ]
    sound = [_line(letters, one, _findings(letters, one), one.state) for one in found.templates]
    return sorted([*sound, *broken], key=lambda line: line.name)


def searched(line: Line) -> str:
    """What a search of the list looks into."""
    return fold(f"{line.name} {line.title} {line.subject}")


def _findings(letters: Letters, one: ListedTemplate) -> list[Finding]:
    return [] if one.state == "not in the folder" else letters.check(one.name)


def _line(letters: Letters, one: ListedTemplate, findings: Sequence[Finding], state: str) -> Line:
    newest = next(iter(letters.proofs(one.name, 1)), None)
    levels = [finding.level for finding in findings]
    return Line(
        name=one.name,
        title=one.title,
        subject=one.subject,
        state=state,
        languages=one.languages,
        errors=levels.count("error"),
        warnings=levels.count("warning"),
        proof=newest,
        locked=lock_of(letters, one.name, newest.segment if newest else ""),
    )


def lock_of(letters: Letters, name: str, segment: str) -> Locked | None:
    """Why it may not be sent to the segment; also where that cannot be asked."""
    if not segment:
        return Locked("proof.none", "never proved", "")
    try:
        return letters.locked(name, segment)
    except LettershopError as error:
        return Locked(error.code, error.message, error.hint)


def newest_proof(proofs: Sequence[LetterProofAnswer]) -> LetterProofAnswer | None:
    """Of the newest first, the one that has found something."""
    return next((proof for proof in proofs if proof.state in ("done", "cancelled")), None)


def segments_to_send_to(letters: Letters) -> list[str]:
    """Letters go to people: segments of accounts are not among them."""
    subjects = letters.audiences.subjects()
    return sorted(name for name, subject in subjects.items() if subject != "account")


def shown(letters: Letters, name: str, asked: Asked, proof: LetterProofAnswer | None) -> Shown:
    """The letter `asked` for, of somebody the proof names where nobody is."""
    asked = _somebody(letters, asked, proof)
    if not asked.who:
        return Shown(asked=asked)
    workspace = letters.workspace
    try:
        accounts = [one for one in memberships(workspace, asked.who) if one.active]
    except NotFound as error:
        matches = [row for row, _ in find_contacts(workspace, asked.who, limit=FOUND)]
        return Shown(asked=asked, error=None if matches else error, matches=matches)
    try:
        preview = previewed(letters, name, asked)
    except LettershopError as error:
        return Shown(asked=asked, error=error, accounts=accounts)
    return Shown(asked=asked, preview=preview, accounts=accounts)


def previewed(letters: Letters, name: str, asked: Asked) -> Preview:
    """Raises as `Letters.preview`."""
    return letters.preview(
        name,
        asked.who,
        account=asked.account or None,
        segment=asked.segment or None,
        language=asked.language or None,
    )


def _somebody(letters: Letters, asked: Asked, proof: LetterProofAnswer | None) -> Asked:
    """Whom to show: of the class that is named, else an example of the largest, else anybody."""
    classes = proof.proved.classes if proof and proof.proved else ()
    named = [one for one in classes if one.id == asked.named]
    if proof and (named or not asked.who):
        for one in [*named, *classes]:
            if one.examples:
                return asked.but(who=one.examples[0], segment=asked.segment or proof.segment)
    if asked.who:
        return asked
    anybody = find_contacts(letters.workspace, "", limit=1)
    return asked.but(who=anybody[0][0].contact) if anybody else asked


def blocks_of(template: Template) -> list[Part]:
    """Each with the file and line of every language it stands in."""
    found: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for letter in made(template).letters:
        for block in letter.blocks:
            place = f"{letter.variant.source}:{block.line}"
            found.setdefault((block.name, block.conditions), []).append(place)
    return [
        Part(name=name, conditions=conditions, where=", ".join(places))
        for (name, conditions), places in found.items()
    ]


def sources_of(template: Template) -> list[Part]:
    return [_source(name, data) for name, data in template.data.items()]


def _source(name: str, data: Data) -> Part:
    match data:
        case LastEvent(event=event):
            return Part(name=name, says=f"last = “{event}”")
        case Events(event=event, limit=limit):
            return Part(name=name, says=f"events = “{event}”, limit = {limit}")
        case Records(kind=kind, limit=limit):
            return Part(name=name, says=f"records = “{kind}”, limit = {limit}")
        case Items(catalog=catalog, choose=choose, limit=limit):
            return Part(name=name, says=f"{', '.join(choose)}, limit = {limit}", catalog=catalog)
        case Outside(url=url):
            return Part(name=name, says=url)
        case _:
            assert_never(data)


def classes_of(proof: LetterProofAnswer | None, most: int) -> Sequence[LetterClassAnswer]:
    return proof.proved.classes[:most] if proof and proof.proved else ()


def tab_text(letters: Letters, shown: Shown) -> tuple[str, LettershopError | None]:
    """Of the tabs that are one text; why there is none."""
    preview = shown.preview
    if preview is None or preview.fate != "letter":
        return "", None
    match shown.asked.tab:
        case "text":
            return preview.text, None
        case "source":
            try:
                return raw_source(letters, preview), None
            except LettershopError as error:
                return "", error
        case _:
            return "", None


def all_findings(findings: Sequence[Finding], shown: Shown) -> list[Finding]:
    """Of this letter, then of the template."""
    here = shown.preview.findings if shown.preview else ()
    return [*here, *(one for one in findings if one not in here)]


def value_rows(shown: Shown) -> list[tuple[str, str, str]]:
    """Name as a letter writes it, kind, text, of every value."""
    values = shown.preview.values if shown.preview else {}
    return [(_name(place), _kind(value), str(value)) for place, value in leaves(values)]


def _name(place: Sequence[str | int]) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in place)[1:]


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "boolean"
        case str():
            return "text"
        case datetime():
            return "time"
        case date():
            return "date"
        case _:
            return "number"
