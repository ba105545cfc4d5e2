"""What the form of a campaign offers: segments, templates, purposes, topics, streams, zones."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo

import msgspec
from django.utils import timezone
from django.utils.translation import get_language, gettext as _

from lettershop.app.campaigning.reach import Listed, segments_of
from lettershop.app.templates import read_folder
from lettershop.app.workspace import Workspace
from lettershop.campaigns.schedule import Moment, moment_of
from lettershop.compliance.policy import load_policy
from lettershop.compliance.rules import Policy, Purpose, Quiet, Titles, Topic, title
from lettershop.model.clock import from_ms
from lettershop.model.errors import LettershopError
from lettershop.web.pages.campaigns.fields import Fields

LOCAL: Final = "%Y-%m-%dT%H:%M"


class Choice(msgspec.Struct, frozen=True):
    value: str
    says: str


class Template(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    title: str = ""
    subject: str = ""
    languages: tuple[str, ...] = ()
    broken: bool = False


class Offered(msgspec.Struct, frozen=True, kw_only=True):
    """`segments`: those that are chosen first. `quiet`: when streams are silent, in words."""

    segments: tuple[Listed, ...]
    templates: tuple[Template, ...]
    purposes: tuple[Choice, ...]
    topics: tuple[Choice, ...]
    streams: tuple[Choice, ...]
    quiet: tuple[str, ...]


def offered(workspace: Workspace, fields: Fields, *, segments: bool = True) -> Offered:
    """With what the fields name and there is not, so that nothing is lost by looking. `segments`:
    whether they are shown; to read all definitions takes its time."""
    shelf = read_folder(workspace.path)
    templates = [
        Template(
            name=one.name,
            title=one.title,
            subject=one.variants[0].subject,
            languages=tuple(variant.language for variant in one.variants[1:]),
        )
        for one in shelf.templates
    ]
    templates += [Template(name=name, broken=True) for name in shelf.broken]
    named = {fields.content, *(one.content for one in fields.variants)} - {"", *_names(templates)}
    templates += [Template(name=name, broken=True) for name in named]
    policy = _policy(workspace)
    return Offered(
        segments=_segments(workspace, fields) if segments else (),
        templates=tuple(sorted(templates, key=lambda one: one.name)),
        purposes=_titled(_named(policy.purposes) if policy else [], fields.purpose),
        topics=_titled(_named(policy.topics) if policy else [], fields.topic),
        streams=_titled([(name, {}) for name in policy.streams] if policy else [], fields.stream),
        quiet=tuple(_quiet(policy)) if policy else (),
    )


def _segments(workspace: Workspace, fields: Fields) -> tuple[Listed, ...]:
    """Those that are chosen first."""
    chosen = {*fields.include, *fields.exclude}
    found = segments_of(workspace)
    known = {one.name for one in found}
    found += [
        Listed(name=name, title="", subject="contact", size=None) for name in sorted(chosen - known)
    ]
    return tuple(sorted(found, key=lambda one: (one.name not in chosen, one.name)))


def _policy(workspace: Workspace) -> Policy | None:
    """None where consent.toml cannot be read: the findings say so."""
    try:
        return load_policy(workspace.path)
    except LettershopError:
        return None


def _named(found: Mapping[str, Purpose] | Mapping[str, Topic]) -> list[tuple[str, Titles]]:
    return [(name, one.titles) for name, one in found.items()]


def _titled(found: Sequence[tuple[str, Titles]], current: str) -> tuple[Choice, ...]:
    language = get_language() or "en"
    choices = [Choice(name, title(titles, language, name)) for name, titles in found]
    if current and current not in {one.value for one in choices}:
        choices.append(Choice(current, current))
    return tuple(choices)


def _names(templates: Iterable[Template]) -> list[str]:
    return [one.name for one in templates]


def _quiet(policy: Policy) -> Iterable[str]:
    for name, stream in policy.streams.items():
        if stream.quiet is not None:
            yield f"{name}: {_times(stream.quiet)}"


def _times(quiet: Quiet) -> str:
    said = []
    if quiet.start != quiet.end:
        said.append(f"{_clock(quiet.start)}-{_clock(quiet.end)}")
    if quiet.days:
        said.append(_("%(count)s days of the week") % {"count": len(quiet.days)})
    if quiet.holidays:
        said.append(_("public holidays"))
    return ", ".join(said)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


# --- local times ---------------------------------------------------------------------------------


def zones(workspace_zone: str) -> list[str]:
    """In which a time may be typed: the viewer's, and the workspace's."""
    return [*dict.fromkeys((timezone.get_current_timezone_name(), workspace_zone))]


def shown_at(at: str, workspace_zone: str) -> tuple[str, str]:
    """A time of the workspace's zone as it is shown: in the viewer's, where that is the same
    moment for sure; and the zone. What is no time stays."""
    viewer = timezone.get_current_timezone_name()
    found = moment_of(at, workspace_zone) if at else None
    if not at:
        return "", viewer
    if not isinstance(found, Moment):
        return at, workspace_zone
    theirs = from_ms(found.at).astimezone(ZoneInfo(viewer)).strftime(LOCAL)
    same = workspace_at(theirs, viewer, workspace_zone) == at
    return (theirs, viewer) if same else (at, workspace_zone)


def workspace_at(at: str, zone: str, workspace_zone: str) -> str:
    """A local time typed in `zone`, as the workspace's zone has it. What is no time stays."""
    if not at or zone == workspace_zone or zone not in zones(workspace_zone):
        return at
    found = moment_of(at, zone)
    if not isinstance(found, Moment):
        return at
    return from_ms(found.at).astimezone(ZoneInfo(workspace_zone)).strftime(LOCAL)
