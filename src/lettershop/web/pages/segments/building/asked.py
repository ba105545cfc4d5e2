"""What the form of the builder says, and what becomes of it: rows, text and sentence in step."""

from collections.abc import Mapping
from typing import Final, cast, get_args

import msgspec

from lettershop.app.building import Around, Said, findings_of, said, written
from lettershop.language import parse
from lettershop.language.definition import Definition, Mode
from lettershop.language.tree import Condition, Subject
from lettershop.model.errors import DefinitionError
from lettershop.web.pages.segments.building import deeds
from lettershop.web.pages.segments.building.drawing import DrawnGroup, by_row, draw, spans_of
from lettershop.web.pages.segments.building.grouping import Built, group_of, tree_of
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.reading import read, settled
from lettershop.web.pages.segments.building.rows import Group

EVERYONE: Final = "everyone"
SUBJECTS: Final = get_args(Subject)
MODES: Final = get_args(Mode)


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """The form. `was`: the text that the rows said when they were drawn. `by`: what was edited,
    rows or text, where a script can tell. `do`: a button. `only`: rows stay as they stand."""

    name: str = ""
    title: str = ""
    description: str = ""
    note: str = ""
    subject: Subject = "contact"
    mode: Mode = "dynamic"
    text: str = EVERYONE
    was: str = ""
    by: str = ""
    do: str = ""
    only: str = ""
    rows: Group | None = None

    @property
    def by_rows(self) -> bool:
        """Whether the rows have the say: a button of theirs, or nobody has touched the text."""
        if self.rows is None:
            return False
        deed = self.do.partition(":")[0] in deeds.VERBS
        return deed or self.by == "rows" or (not self.by and self.text == self.was)


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The page. `stale`: the text cannot be read, so the rows show what was there before.
    `by_rows`: the rows had the say."""

    asked: Asked
    said: Said
    built: Built
    drawn: DrawnGroup
    stale: bool
    focus: str
    by_rows: bool

    @property
    def ready(self) -> bool:
        """Whether it can be counted."""
        return self.said.sound


def asked_of(form: Mapping[str, str], *, name: str = "") -> Asked:
    """The form, with the usual where it says nothing of use. `name`: of the segment at hand."""
    subject, mode = form.get("subject", ""), form.get("mode", "")
    return Asked(
        name=name or form.get("name", "").strip(),
        title=form.get("title", "").strip(),
        description=_lines(form.get("description", "")).strip(),
        note=_lines(form.get("note", "")).strip()[:2_000],
        subject=cast("Subject", subject) if subject in SUBJECTS else "contact",
        mode=cast("Mode", mode) if mode in MODES else "dynamic",
        text=_lines(form.get("text", "")),
        was=_lines(form.get("text_was", "")),
        by=form.get("by", ""),
        do=form.get("do", ""),
        only=form.get("only", ""),
        rows=read(form),
    )


def asked_from(definition: Definition) -> Asked:
    """The form of a definition as it stands."""
    text = definition.text.strip() or EVERYONE
    return Asked(
        name=definition.name,
        title=definition.title,
        description=definition.description,
        subject=definition.subject,
        mode=definition.mode,
        text=text,
    )


def _lines(text: str) -> str:
    """As it was before a browser sent it."""
    return text.replace("\r\n", "\n")


def state_of(asked: Asked, known: Around) -> State:
    """Rows, text and sentence in step, with all that is to be said of them."""
    place = Place(catalog=known.catalog, subject=asked.subject, segments=known.segments)
    by_rows = asked.by_rows
    if by_rows and asked.rows is not None:
        after = deeds.done(settled(asked.rows, place), place, asked.do)
        group, focus = after.group, after.focus
        built = tree_of(group)
        if not _says(asked.text, built.tree):
            asked = msgspec.structs.replace(asked, text=written(built.tree))
        told = said(asked.text, asked.subject, known)
    else:
        told = said(asked.text, asked.subject, known)
        group = group_of(told.tree) if told.tree is not None else asked.rows or Group()
        built, focus = tree_of(group), ""
    found = findings_of(built.tree, asked.subject, known, spans_of(built.made))
    return State(
        asked=asked,
        said=told,
        built=built,
        drawn=draw(group, place, built, by_row(found, built.made)),
        stale=told.tree is None,
        focus=focus,
        by_rows=by_rows,
    )


def _says(text: str, tree: Condition) -> bool:
    """Whether the text says just this: then it stays as its author wrote it."""
    try:
        return bool(parse(text).tree == tree)
    except DefinitionError:
        return False
