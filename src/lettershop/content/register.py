"""What is in force: published templates and what they said before. Reading only; versions.py
changes it."""

import hashlib
from collections.abc import Mapping
from functools import lru_cache

import msgspec

from lettershop.content.folder import templates_of
from lettershop.content.models import State, TemplateName, TemplateVersion
from lettershop.content.template import Template
from lettershop.language.tables import nearest
from lettershop.model.errors import NotFound


class PublishedTemplate(msgspec.Struct, frozen=True, kw_only=True):
    """A template in force since `published_at` (milliseconds). `files`: path below content/ to
    text, as they were published."""

    name: str
    version: int
    digest: str
    files: Mapping[str, str]
    published_at: int

    def template(self) -> Template:
        """What the files say. DefinitionError where a newer Lettershop understands less of them
        than the one that published them."""
        return _read(self.name, msgspec.json.encode(self.files))


class TemplateVersionRow(msgspec.Struct, frozen=True, kw_only=True):
    """A version as it was published, whatever became of it. Instants in milliseconds."""

    name: str
    number: int
    state: State
    digest: str
    files: Mapping[str, str]
    author: str
    note: str
    published_at: int
    retired_at: int | None


def published() -> tuple[PublishedTemplate, ...]:
    """Every template in force, by name."""
    rows = TemplateVersion.objects.filter(state="published").select_related("template")
    return tuple(
        PublishedTemplate(
            name=row.template.name,
            version=row.number,
            digest=row.digest,
            files=row.files,
            published_at=row.published_at,
        )
        for row in rows.order_by("template__name")
    )


def published_as(name: str) -> PublishedTemplate:
    """The one in force of that name. NotFound `template.unknown`."""
    found = {template.name: template for template in published()}
    if name not in found:
        near = nearest(name, [*found])
        hint = (
            f"did you mean “{near}”?" if near else "lettershop apply publishes what content/ says"
        )
        raise NotFound("template.unknown", f"no template “{name}” is in force", hint=hint)
    return found[name]


def versions(name: str) -> tuple[TemplateVersionRow, ...]:
    """All versions of a template, the newest first. NotFound `template.unknown`."""
    rows = TemplateVersion.objects.filter(template=find_template(name)).order_by("-number")
    return tuple(version_row(row, name) for row in rows)


def version(name: str, number: int) -> TemplateVersionRow:
    """NotFound `template.unknown`, `version.unknown`."""
    template = find_template(name)
    found = TemplateVersion.objects.filter(template=template, number=number).first()
    if found is None:
        message = f"“{name}” has no version {number}"
        raise NotFound("version.unknown", message, hint=f"its newest is {template.last_number}")
    return version_row(found, name)


def find_template(name: str) -> TemplateName:
    """The record. (PostgreSQL would fail on a NUL character.)"""
    found = TemplateName.objects.filter(name=name).first() if name.isprintable() else None
    if found is None:
        near = nearest(name, [*TemplateName.objects.values_list("name", flat=True)])
        hint = f"did you mean “{near}”?" if near else "lettershop content list shows them all"
        message = f"there is no version of a template “{name}”"
        raise NotFound("template.unknown", message, hint=hint)
    return found


def version_row(row: TemplateVersion, name: str) -> TemplateVersionRow:
    return TemplateVersionRow(
        name=name,
        number=row.number,
        state=row.state,
        digest=row.digest,
        files=row.files,
        author=row.author,
        note=row.note,
        published_at=row.published_at,
        retired_at=row.retired_at,
    )


def fingerprint() -> str:
    """Sixteen hex digits that change whenever something else is in force: what a plan was made
    for."""
    rows = TemplateVersion.objects.filter(state="published")
    said = [*rows.order_by("template_id").values_list("template_id", "number")]
    return hashlib.blake2b(msgspec.json.encode(said), digest_size=8).hexdigest()


@lru_cache(maxsize=256)
def _read(name: str, files: bytes) -> Template:
    """Read once: versions do not change."""
    return templates_of(msgspec.json.decode(files, type=dict[str, str])).named(name)
