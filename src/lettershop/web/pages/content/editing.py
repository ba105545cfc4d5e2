"""The editor: one file of a template, with what is wrong with it and the letter it makes beside."""

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from lettershop.app.letter_files import NO_FILE, files_of, read_file, stamp_of, write_file
from lettershop.app.letters import Letters
from lettershop.app.running import running
from lettershop.app.templating import file_diff
from lettershop.content.folder import CONTENT, Shelf, templates_of
from lettershop.content.preview.dark import dark
from lettershop.model.errors import DefinitionError, Finding, LettershopError, NotFound
from lettershop.web.pages.content import views
from lettershop.web.pages.content.asked import asked_of
from lettershop.web.pages.content.drafts import DRAFTS
from lettershop.web.pages.content.files import LONGEST, edit_address, own_file, took_back
from lettershop.web.pages.content.letters import framed
from lettershop.web.pages.content.texts import said, whole
from lettershop.web.pages.roles import principal
from lettershop.web.pages.telling import tell


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A file as somebody types it. `seen`: the stamp of what they began with."""

    path: str
    text: str
    seen: str

    @property
    def source(self) -> str:
        """What findings call it."""
        return (CONTENT / self.path).as_posix()


def edit_letter(request: HttpRequest, name: str) -> HttpResponse:
    """The editor, and on POST the file it writes."""
    if request.method == "POST":
        return _save(request, name)
    path = said(request.GET, "file", LONGEST)
    workspace = running().engine.workspace.path
    try:
        path = own_file(name, path) if path else files_of(workspace, name)[0]
        file = read_file(workspace, path)
    except NotFound as error:
        raise Http404 from error
    except DefinitionError as error:  # not a text: only told about
        return _page(request, name, Draft(path=path, text="", seen=NO_FILE), error)
    return _page(request, name, Draft(path=path, text=file.text, seen=file.stamp))


def draft_letter(request: HttpRequest, name: str) -> HttpResponse:
    """What is typed, judged and shown; nothing is written."""
    draft = _typed(request, name)
    if "HX-Request" not in request.headers:
        return _page(request, name, draft)
    return render(request, "content/draft.html", _made(request, name, draft))


def drafted_letter(request: HttpRequest, key: str) -> HttpResponse:
    """The HTML of such a letter, for the sandboxed frame of its author."""
    found = DRAFTS.get(principal(request).name, key)
    if found is None:
        raise Http404
    return framed(found)


def _typed(request: HttpRequest, name: str) -> Draft:
    path = own_file(name, said(request.POST, "file", LONGEST))
    return Draft(path=path, text=whole(request.POST, "text"), seen=said(request.POST, "seen", 64))


def _save(request: HttpRequest, name: str) -> HttpResponse:
    draft = _typed(request, name)
    workspace = running().engine.workspace.path
    try:
        written = write_file(workspace, draft.path, draft.text, draft.seen, principal(request))
    except LettershopError as error:
        status = 409 if error.code == "template.changed" else 400
        return _page(request, name, draft, error, status)
    if written.changed:
        text = _("content/%(path)s is saved. It is in force once it is published.")
        tell(request, text % {"path": draft.path}, undo=took_back(name, written))
    else:
        tell(request, _("There was nothing to save."), mood="note")
    return redirect(edit_address(name, draft.path))


def _page(
    request: HttpRequest,
    name: str,
    draft: Draft,
    error: LettershopError | None = None,
    status: int = 200,
) -> HttpResponse:
    try:
        files = files_of(running().engine.workspace.path, name)
    except NotFound as missing:
        raise Http404 from missing
    known = {
        "name": name,
        "title": name,
        "tab": "edit",
        "files": files,
        "draft": draft,
        "variant": _language(draft.path, name),
        "error": error,
        "theirs": _theirs(draft) if status == 409 else None,
        "changed": draft.seen != stamp_of(draft.text),
    }
    known |= _made(request, name, draft)
    return render(request, "content/edit.html", known, status=status)


def _language(path: str, name: str) -> str:
    return path.removeprefix(name).rpartition(".")[0].removeprefix(".")


def _theirs(draft: Draft) -> dict[str, str]:
    """What the file says meanwhile, beside what was typed."""
    try:
        now = read_file(running().engine.workspace.path, draft.path)
    except LettershopError:
        return {"stamp": NO_FILE, "diff": ""}
    diff = file_diff({draft.path: now.text}, {draft.path: draft.text})
    return {"stamp": now.stamp, "diff": diff}


# --- what it would be -----------------------------------------------------------------------------


def _made(request: HttpRequest, name: str, draft: Draft) -> dict[str, object]:
    """What is wrong with the draft, and somebody's letter of it."""
    asked = asked_of(request.POST if request.method == "POST" else request.GET)
    if not asked.language:
        asked = asked.but(language=_language(draft.path, name))
    with running().engine.read() as workspace:
        shelf = _shelf(name, draft)
        letters = Letters(workspace, principal(request), running().catalogs, shelf)
        findings = _findings(letters, name)
        usable = all(finding.level != "error" for finding in findings)
        shown = views.shown(letters, name, asked, None) if usable else views.Shown(asked=asked)
    return {
        "name": name,
        "draft": draft,
        "asked": shown.asked,
        "shown": shown,
        "preview": shown.preview,
        "findings": views.all_findings(findings, shown),
        "marks": _marks(views.all_findings(findings, shown), draft),
        "usable": usable,
        "frame": _kept(request, shown),
    }


def _shelf(name: str, draft: Draft) -> Shelf:
    """The template alone, with the draft in place of its file."""
    workspace, files = running().engine.workspace.path, {draft.path: draft.text}
    for path in files_of(workspace, name):
        if path != draft.path:
            try:
                files[path] = read_file(workspace, path).text
            except LettershopError:
                continue  # told where the whole template is
    return templates_of(files)


def _findings(letters: Letters, name: str) -> list[Finding]:
    try:
        return letters.check(name)
    except NotFound:  # what is typed is no template at all, such as nothing
        return [*letters.shelf.findings]


def _kept(request: HttpRequest, shown: views.Shown) -> str:
    """Where the frame finds the letter; "" where there is none."""
    preview = shown.preview
    if preview is None or preview.fate != "letter":
        return ""
    html = dark(preview.html) if shown.asked.dark else preview.html
    return f"/content/-/drafted/{DRAFTS.keep(principal(request).name, html)}"


def _marks(findings: list[Finding], draft: Draft) -> str:
    """Of this file, for the editor: JSON."""
    found = [
        {
            "line": one.span.line if one.span else 1,
            "column": one.span.column if one.span else 1,
            "length": one.span.end - one.span.start if one.span else 0,
            "level": one.level,
            "says": " ".join(part for part in (one.message, one.hint) if part),
            "code": one.code,
        }
        for one in findings
        if one.source == draft.source
    ]
    return msgspec.json.encode(found).decode()
