"""The templates of a folder for those who look at them: listed, and checked to the last."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import msgspec

from lettershop.app.definitions import SEGMENTS, has_data, with_derived
from lettershop.app.settings import read_settings
from lettershop.app.template_answers import TemplateInForce
from lettershop.app.template_checks import Around, judged_shelf, linted
from lettershop.content.folder import CONTENT, Shelf, load_templates
from lettershop.content.making import by_place
from lettershop.content.owners import read_owners
from lettershop.content.template import Stream
from lettershop.model.catalog import Catalog
from lettershop.model.errors import Finding
from lettershop.segments.folder import Library, load_folder

TemplateState = Literal["in force", "changed", "new", "not in the folder"]


class ListedTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A template; `version`: the one in force. `changed`: the folder says something else now."""

    name: str
    state: TemplateState
    version: int | None
    title: str
    subject: str
    languages: tuple[str, ...]
    stream: Stream | None


class TemplateListing(msgspec.Struct, frozen=True, kw_only=True):
    """By name. `broken`: those of the folder with errors."""

    templates: tuple[ListedTemplate, ...]
    broken: Mapping[str, tuple[Finding, ...]]


def read_folder(workspace: Path) -> Shelf:
    """The templates of a workspace's own folder."""
    return load_templates(workspace / CONTENT, shown=CONTENT)


def check_templates(workspace: Path, catalog: Catalog) -> Shelf:
    """The same, compiled, and compared with what is known of the data and with the folder's
    segments, and linted: all findings. Without any data fields and events are not checked."""
    folder = workspace / SEGMENTS
    segments = load_folder(folder, None, shown=SEGMENTS) if folder.is_dir() else Library()
    known = with_derived(workspace, catalog) if has_data(catalog) else None
    definitions = [item.definition for item in segments.items.values()]
    around = Around.of(workspace, read_settings(workspace, os.environ), known, definitions)
    shelf = read_folder(workspace)
    found = judged_shelf(shelf, around)
    lint = [finding for template in shelf.templates for finding in linted(template)]
    findings = sorted([*found.findings, *lint], key=by_place)
    _, owners = read_owners(workspace)
    return msgspec.structs.replace(found, findings=(*owners, *findings))


def listed(shelf: Shelf, in_force: Sequence[TemplateInForce]) -> TemplateListing:
    """The folder's templates beside those in force."""
    now = {template.name: template for template in in_force}
    found = [
        ListedTemplate(
            name=template.name,
            state=_state(template.digest, now.get(template.name)),
            version=now[template.name].version if template.name in now else None,
            title=template.title,
            subject=template.variants[0].subject,
            languages=tuple(variant.language for variant in template.variants[1:]),
            stream=template.stream,
        )
        for template in shelf.templates
    ]
    here = {template.name for template in shelf.templates} | {*shelf.broken}
    found += [_gone(template) for name, template in now.items() if name not in here]
    return TemplateListing(
        templates=tuple(sorted(found, key=lambda template: template.name)), broken=shelf.broken
    )


def _state(digest: str, now: TemplateInForce | None) -> TemplateState:
    if now is None:
        return "new"
    return "in force" if now.digest == digest else "changed"


def _gone(template: TemplateInForce) -> ListedTemplate:
    return ListedTemplate(
        name=template.name,
        state="not in the folder",
        version=template.version,
        title=template.title,
        subject=template.subject,
        languages=template.languages,
        stream=template.stream,
    )
