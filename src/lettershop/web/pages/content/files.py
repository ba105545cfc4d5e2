"""Files of a template: added, removed, and put back as they were before."""

from typing import Final
from urllib.parse import quote, urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.letter_files import (
    NO_FILE,
    Written,
    files_of,
    for_language,
    put_back,
    read_file,
    write_file,
)
from lettershop.app.letter_publishing import senders_of
from lettershop.app.running import running
from lettershop.content.assembling import name_of
from lettershop.content.languages import language_tag
from lettershop.model.errors import InputError, LettershopError, NotFound
from lettershop.web.pages.content.states import CAMPAIGN
from lettershop.web.pages.content.texts import said
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import Undo, tell

LONGEST: Final = 300
PLAIN: Final = "Hello {{ contact.first_name }},\n\n\n\nUnsubscribe: {{ unsubscribe_url }}\n"
"""What a text part begins as where nothing is known better."""


def took_back(name: str, written: Written) -> Undo:
    """The form that makes a file what it was before."""
    fields = {"file": written.path, "former": written.before, "seen": written.after}
    return Undo(f"/content/{quote(name)}/-/back", fields)


def edit_address(name: str, path: str = "") -> str:
    return f"/content/{quote(name)}/-/edit" + (f"?{urlencode({'file': path})}" if path else "")


def own_file(name: str, path: str) -> str:
    """Http404 for a file that is none of the template's."""
    if not path or name_of(path) != name:
        raise Http404
    return path


def back_to(request: HttpRequest, name: str) -> HttpResponse:
    """Write a file as it was before what was just done to it."""
    path = own_file(name, said(request.POST, "file", LONGEST))
    former, seen = said(request.POST, "former", 64), said(request.POST, "seen", 64)
    workspace = running().engine.workspace.path
    try:
        written = put_back(workspace, path, former, seen, principal(request))
    except LettershopError as error:
        tell(request, error.message, mood="bad")
    else:
        text = _("content/%(path)s is as it was before.") % {"path": path}
        tell(request, text, undo=took_back(name, written))
    return redirect(edit_address(name, path) if _is_there(name) else "/content")


def add_file(request: HttpRequest, name: str) -> HttpResponse:
    """Another language, which begins as the default one, or a written text part."""
    workspace = running().engine.workspace.path
    try:
        default = files_of(workspace, name)[0]
        path, text = _added(request, name, default)
        written = write_file(workspace, path, text, NO_FILE, principal(request))
    except NotFound as error:
        raise Http404 from error
    except LettershopError as error:
        tell(request, f"{error.message} {error.hint}".strip(), mood="bad")
        return redirect(edit_address(name))
    added = _("content/%(path)s was added; write it now.") % {"path": path}
    tell(request, added, undo=took_back(name, written))
    return redirect(edit_address(name, path))


def _added(request: HttpRequest, name: str, default: str) -> tuple[str, str]:
    """Path and text of a new file."""
    wanted = said(request.POST, "language", 20)
    tag = language_tag(wanted) if wanted else ""
    if tag is None:
        hint = "de, pt-BR, zh-Hant"
        raise InputError("template.language", f"“{wanted}” is not a language", hint=hint)
    dotted = f".{tag}" if tag else ""
    if request.POST.get("part") == "text":
        return f"{name}{dotted}.txt", PLAIN
    if not tag:
        raise InputError("template.language", "say which language", hint="de, pt-BR, zh-Hant")
    text = read_file(running().engine.workspace.path, default).text
    return f"{name}{dotted}.{default.rpartition('.')[2]}", for_language(text)


def remove_file(request: HttpRequest, name: str) -> HttpResponse:
    """Ask, then take a file away; what is in force stays in force."""
    source = request.POST if request.method == "POST" else request.GET
    path = own_file(name, said(source, "file", LONGEST))
    workspace = running().engine.workspace.path
    try:
        now = read_file(workspace, path)
    except LettershopError as error:
        raise Http404 from error
    if request.method == "GET":
        return _asked(request, name, path, now.stamp)
    try:
        seen = said(request.POST, "seen", 64)
        written = write_file(workspace, path, None, seen, principal(request))
    except LettershopError as error:
        tell(request, error.message, mood="bad")
        return redirect(edit_address(name, path))
    text = _("content/%(path)s was removed.") % {"path": path}
    tell(request, text, undo=took_back(name, written))
    return redirect(edit_address(name) if _is_there(name) else "/content")


def _asked(request: HttpRequest, name: str, path: str, seen: str) -> HttpResponse:
    senders = senders_of(name)
    text = _("What is in force stays so until the change is published. Nobody gets a letter by it.")
    if senders:
        named = ", ".join(f"{one.title} ({CAMPAIGN.get(one.state, one.state)})" for one in senders)
        text += " " + _("Campaigns that send it: %(named)s.") % {"named": named}
    known = {
        "title": _("Remove content/%(path)s?") % {"path": path},
        "text": text,
        "address": f"/content/{quote(name)}/-/remove",
        "fields": {"file": path, "seen": seen},
        "action": _("Remove the file"),
        "back": edit_address(name, path),
        "number": None,
    }
    return render(request, "confirm.html", known)


def _is_there(name: str) -> bool:
    try:
        return bool(files_of(running().engine.workspace.path, name))
    except NotFound:
        return False
