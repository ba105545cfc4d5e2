"""From the builder to a draft."""

from contextlib import suppress
from urllib.parse import quote

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.utils.translation import gettext as _, ngettext

from lettershop.app.building import Around
from lettershop.app.plans import DraftText
from lettershop.app.publishing import Publisher
from lettershop.app.workspace import Workspace
from lettershop.model.errors import DefinitionError, NotFound, UsageError
from lettershop.segments.register import versions
from lettershop.web.pages.roles import principal
from lettershop.web.pages.segments.building.asked import State

TITLE = 200
DESCRIPTION = 2_000


def saved(
    request: HttpRequest, workspace: Workspace, known: Around, state: State, *, new: bool
) -> HttpResponse:
    """A draft, and where its difference is shown. UsageError, DefinitionError."""
    refuse_unfinished(state)
    asked = state.asked
    name = asked.name or (slugify(asked.title) if new else "")
    if new:
        _refuse_taken(name, known)
    text = DraftText(
        text=asked.text,
        subject=asked.subject,
        mode=asked.mode,
        title=asked.title[:TITLE],
        description=asked.description[:DESCRIPTION],
        note=asked.note,
    )
    if known.now.partition_of(name) is not None:
        text = msgspec.structs.replace(text, subject=None, mode=None)
    draft = Publisher(workspace, principal(request)).draft(name, text)
    return redirect(draft_address(draft.segment, draft.number))


def refuse_unfinished(state: State) -> None:
    """What cannot be read, or is only half said, is no draft."""
    if state.said.tree is None:
        raise DefinitionError([*state.said.findings])
    count = len(state.built.wanting)
    if count and state.by_rows:
        message = ngettext(
            "%(count)s condition is not finished", "%(count)s conditions are not finished", count
        ) % {"count": count}
        hint = _("finish them, or remove them")
        raise UsageError("condition.unfinished", message, hint=hint)


def _refuse_taken(name: str, known: Around) -> None:
    if not name:
        raise UsageError("definition.name", _("Give the segment a title or a name."))
    taken = name in known.now.definitions()
    with suppress(NotFound):
        taken = taken or bool(versions(name))
    if taken:
        message = _("There is a segment “%(name)s” already.") % {"name": name}
        raise UsageError("segment.exists", message, hint=_("take another name, or edit that one"))


def segment_address(name: str) -> str:
    return f"/segments/{quote(name, safe='')}"


def draft_address(name: str, number: int) -> str:
    return f"{segment_address(name)}/draft/{number}"
