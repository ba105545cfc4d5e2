"""What doors show of templates in force and of their versions; times ISO 8601 in UTC."""

from typing import Any

import msgspec

from lettershop.content.models import State
from lettershop.content.register import (
    PublishedTemplate,
    TemplateVersionRow,
    published,
    version,
    versions,
)
from lettershop.content.template import Stream, Template
from lettershop.model.clock import format_instant
from lettershop.model.errors import DefinitionError


class TemplateInForce(msgspec.Struct, frozen=True, kw_only=True):
    """A published template. `languages`: besides the default. `readable`: this Lettershop
    understands it; otherwise `subject` and the rest are empty."""

    name: str
    version: int
    title: str
    subject: str
    languages: tuple[str, ...]
    stream: Stream | None
    digest: str
    published_at: str
    readable: bool = True


class TemplateVersionAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A version, whatever became of it."""

    template: str
    number: int
    state: State
    digest: str
    paths: tuple[str, ...]
    author: str
    note: str
    published_at: str
    retired_at: str | None


class TemplateFiles(TemplateVersionAnswer, frozen=True, kw_only=True):
    """A version with what it said: path below content/ to text."""

    files: dict[str, str]


def templates_in_force() -> list[TemplateInForce]:
    """Every published template, by name."""
    return [_in_force(found) for found in published()]


def template_versions(name: str) -> list[TemplateVersionAnswer]:
    """All versions, the newest first. NotFound `template.unknown`."""
    return [TemplateVersionAnswer(**_said(row)) for row in versions(name)]


def template_version(name: str, number: int) -> TemplateFiles:
    """NotFound `template.unknown`, `version.unknown`."""
    row = version(name, number)
    return TemplateFiles(**_said(row), files=dict(row.files))


def _in_force(found: PublishedTemplate) -> TemplateInForce:
    template = _readable(found)
    return TemplateInForce(
        name=found.name,
        version=found.version,
        title=template.title if template else "",
        subject=template.variants[0].subject if template else "",
        languages=tuple(v.language for v in template.variants[1:]) if template else (),
        stream=template.stream if template else None,
        digest=found.digest,
        published_at=format_instant(found.published_at),
        readable=template is not None,
    )


def _readable(found: PublishedTemplate) -> Template | None:
    try:
        return found.template()
    except DefinitionError:
        return None


def _said(row: TemplateVersionRow) -> dict[str, Any]:
    return {
        "template": row.name,
        "number": row.number,
        "state": row.state,
        "digest": row.digest,
        "paths": tuple(sorted(row.files)),
        "author": row.author,
        "note": row.note,
        "published_at": format_instant(row.published_at),
        "retired_at": None if row.retired_at is None else format_instant(row.retired_at),
    }
