"""What a letter can use: a page to read, and the same for the editor's completion."""

from collections.abc import Mapping

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from lettershop.app.letter_words import LetterWords, Variable, letter_words
from lettershop.app.letters import Letters
from lettershop.app.running import running
from lettershop.content.template import Template
from lettershop.model.catalog import Catalog
from lettershop.model.errors import DefinitionError, NotFound
from lettershop.model.values import fold
from lettershop.web.pages.content.states import GROUPS
from lettershop.web.pages.content.texts import said
from lettershop.web.pages.roles import principal


def letter_reference(request: HttpRequest) -> HttpResponse:
    """All variables with values they have, filters with examples, tags."""
    wanted, name = said(request.GET, "q", 100), said(request.GET, "template", 100)
    with running().engine.read() as workspace:
        letters = Letters(workspace, principal(request), running().catalogs)
        names = [template.name for template in letters.shelf.templates]
        found = _words(letters, name if name in names else "")
    groups = _matching(found.variables, fold(wanted))
    known = {
        "wanted": wanted,
        "template": name if name in names else "",
        "templates": names,
        "groups": [(GROUPS.get(key, key), key, rows) for key, rows in groups.items()],
        "filters": _examples(found.filters, wanted),
        "tags": _examples(found.tags, wanted),
        "elements": found.elements,
    }
    return render(request, "content/reference.html", known)


def known_words(request: HttpRequest, name: str) -> HttpResponse:
    """For the editor: JSON of `LetterWords`."""
    with running().engine.read() as workspace:
        try:
            found = _words(Letters(workspace, principal(request), running().catalogs), name)
        except NotFound as error:
            raise Http404 from error
    return HttpResponse(msgspec.json.encode(found), content_type="application/json")


def _words(letters: Letters, name: str) -> LetterWords:
    """NotFound `template.unknown`; of a template that cannot be read, without its data."""
    template: Template | None = None
    if name:
        try:
            template = letters.shelf.named(name)
        except DefinitionError:
            template = None
    beside = letters.beside
    segments = tuple(sorted(letters.audiences.subjects()))
    return letter_words(beside.catalog or Catalog(), beside.owners, segments, template)


def _matching(
    groups: Mapping[str, tuple[Variable, ...]], wanted: str
) -> dict[str, tuple[Variable, ...]]:
    found = {
        key: tuple(one for one in rows if wanted in fold(f"{one.name} {one.says}"))
        for key, rows in groups.items()
    }
    return {key: rows for key, rows in found.items() if rows}


def _examples(words: Mapping[str, object], wanted: str) -> list[tuple[str, object]]:
    return [(name, one) for name, one in words.items() if fold(wanted) in fold(f"{name} {one}")]
