"""All templates of the workspace, and how a new one begins."""

import re
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _, gettext_lazy

from lettershop.app.letter_files import NO_FILE, write_file
from lettershop.app.letters import Letters
from lettershop.app.running import running
from lettershop.content.starters import STARTERS, starter
from lettershop.model.errors import InputError, LettershopError, WorkspaceError
from lettershop.model.values import fold
from lettershop.web.pages.content import views
from lettershop.web.pages.content.files import took_back
from lettershop.web.pages.content.states import COLOURS, PROOF, STATES
from lettershop.web.pages.content.texts import said
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell

KINDS: Final = {
    "plain": (gettext_lazy("Plain letter"), gettext_lazy("Text, as one person writes to another.")),
    "newsletter": (
        gettext_lazy("Newsletter"),
        gettext_lazy("A headline, a button, and a part that differs from reader to reader."),
    ),
    "blank": (gettext_lazy("Blank"), gettext_lazy("MJML with nothing in it but the way out.")),
}
LONGEST: Final = 100
NAME: Final = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)*")


def templates(request: HttpRequest) -> HttpResponse:
    wanted = said(request.GET, "q", LONGEST)
    with running().engine.read() as workspace:
        lines = views.lines(Letters(workspace, principal(request), running().catalogs))
    asked = fold(wanted).split()
    found = [line for line in lines if all(word in views.searched(line) for word in asked)]
    known = {
        "lines": found,
        "wanted": wanted,
        "states": STATES,
        "colours": COLOURS,
        "proofs": PROOF,
    }
    return render(request, "content/list.html", known | {"all": len(lines)})


def new_template(request: HttpRequest) -> HttpResponse:
    """What it is called and what it begins as; then it is a file, and nothing is in force yet."""
    if request.method == "GET":
        return _form(request)
    name, kind = said(request.POST, "name", 500).lower(), said(request.POST, "kind", 20)
    workspace = running().engine.workspace.path
    try:
        if not NAME.fullmatch(name) or len(name) > LONGEST:
            hint = "small letters, digits, “-” and “_”; “/” for folders: spring/offer"
            raise InputError("template.name", f"“{name[:LONGEST]}” cannot be a name", hint=hint)
        text = starter(kind if kind in STARTERS else STARTERS[0])
        written = write_file(workspace, f"{name}.mjml", text, NO_FILE, principal(request))
    except WorkspaceError as error:
        return _form(request, _taken(error, name))
    except LettershopError as error:
        return _form(request, error)
    tell(request, _("“%(name)s” is a draft now.") % {"name": name}, undo=took_back(name, written))
    return redirect(f"/content/{name}/-/edit")


def _taken(error: WorkspaceError, name: str) -> LettershopError:
    if error.code != "template.changed":
        return error
    return InputError("template.taken", f"there is a template “{name}”", hint="choose another name")


def _form(request: HttpRequest, error: LettershopError | None = None) -> HttpResponse:
    known = {
        "error": error,
        "name": request.POST.get("name", ""),
        "kind": request.POST.get("kind", STARTERS[0]),
        "kinds": [(kind, *KINDS[kind]) for kind in STARTERS],
    }
    return render(request, "content/new.html", known, status=400 if error else 200)
