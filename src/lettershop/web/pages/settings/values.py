"""Settings of one group: shown to everybody who works here, changed by owners."""

from collections.abc import Mapping

import msgspec
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _, gettext_lazy

from lettershop.app.changing.changing import Changed, change_settings
from lettershop.app.changing.present import Origin, Present, present
from lettershop.app.running import running
from lettershop.app.settings import zones
from lettershop.model.errors import LettershopError
from lettershop.web.pages.roles import principal
from lettershop.web.pages.settings.groups import GROUPS, Group
from lettershop.web.pages.settings.labels import LABELS
from lettershop.web.pages.telling import Undo, tell

ORIGINS: Mapping[Origin, Promise] = {
    "default": gettext_lazy("default"),
    "file": gettext_lazy("lettershop.toml"),
    "environment": gettext_lazy("environment"),
}
FIELD = "set-"


class Row(msgspec.Struct, frozen=True):
    """A setting ready to draw. `typed`: what stands in its field; of the `sentence` every second
    part is code."""

    setting: Present
    label: Promise
    origin: Promise
    typed: str
    lines: int
    sentence: tuple[str, ...]


def setting_values(request: HttpRequest, group: str) -> HttpResponse:
    return _page(request, group)


def change_values(request: HttpRequest, group: str) -> HttpResponse:
    """Fields `set-NAME` with the new values; `reset`: names to be at their default again."""
    found = _group(group)
    wanted: dict[str, str | None] = {
        name: request.POST[FIELD + name] for name in found.names if FIELD + name in request.POST
    }
    resets = request.POST.get("reset", "").split(",")
    if request.POST.get("reset"):
        wanted = {k: v for k, v in wanted.items() if request.POST.get("undo")}
        wanted |= {name: None for name in found.names if name in resets}
    try:
        known = _present()
        secret = {n for n in wanted if known[n].secret and wanted[n] == ""}
        wanted = {n: v for n, v in wanted.items() if known[n].changeable and n not in secret}
        done = change_settings(running().engine, wanted, principal(request))
    except LettershopError as error:
        return _page(request, group, error)
    _tell(request, group, done)
    return redirect(f"/settings/values/{group}")


def _tell(request: HttpRequest, group: str, done: Changed) -> None:
    if not done.names:
        tell(request, _("Nothing was different."), mood="note")
        return
    names = ", ".join(str(LABELS[name]) for name in done.names)
    said = _("Changed: %(names)s.") % {"names": names}
    if done.later:
        later = ", ".join(str(LABELS[name]) for name in done.later)
        said += " " + _("After the next start of the server holds: %(names)s.") % {"names": later}
    else:
        said += " " + _("It holds at once.")
    fields = {FIELD + name: value for name, value in done.former.items() if value is not None}
    resets = ",".join(name for name, value in done.former.items() if value is None)
    fields |= {"undo": "1"} | ({"reset": resets} if resets else {})
    undo = Undo(f"/settings/values/{group}/change", fields) if done.former else None
    tell(request, said, undo=undo)


def _page(request: HttpRequest, group: str, error: LettershopError | None = None) -> HttpResponse:
    found = _group(group)
    try:
        known = _present()
    except LettershopError as problem:
        known, error = {}, problem
    typed = request.POST if error else {}
    context = {
        "group": group,
        "groups": GROUPS,
        "says": found.says,
        "about": found.about,
        "rows": [_row(known[name], typed.get(FIELD + name)) for name in found.names if known],
        "zones": sorted(zones()) if group == "workspace" else (),
        "error": error,
    }
    return render(request, "settings/values.html", context, status=400 if error else 200)


def _row(setting: Present, typed: str | None) -> Row:
    text = setting.written if typed is None else typed
    lines = min(12, max(2, text.count("\n") + 1))
    return Row(
        setting=setting,
        label=LABELS[setting.name],
        origin=ORIGINS[setting.origin],
        typed=text,
        lines=lines,
        sentence=tuple(setting.sentence.split("`")),
    )


def _present() -> dict[str, Present]:
    workspace = running().engine.workspace
    return present(workspace.path, workspace.settings)


def _group(name: str) -> Group:
    found = GROUPS.get(name)
    if found is None:
        raise Http404
    return found
