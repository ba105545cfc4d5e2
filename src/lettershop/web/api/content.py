"""Templates: what is in force, and what was."""

from typing import Annotated

import msgspec
from django.http import HttpRequest
from ninja import Path, Router

from lettershop.app.template_answers import (
    TemplateFiles,
    TemplateInForce,
    TemplateVersionAnswer,
    template_version,
    template_versions,
    templates_in_force,
)
from lettershop.web.api.operations import operation

router = Router()
CONTENT = "content"

Number = Annotated[int, Path(ge=0, le=2**31 - 1, description="the number of a version")]


class TemplatesInForce(msgspec.Struct, frozen=True):
    items: list[TemplateInForce]


class TemplateVersions(msgspec.Struct, frozen=True):
    items: list[TemplateVersionAnswer]


@operation(router, "GET", "/content", answer=TemplatesInForce, tag=CONTENT)
def list_templates(request: HttpRequest) -> TemplatesInForce:
    """Every template that is in force, with its version."""
    return TemplatesInForce(templates_in_force())


@operation(router, "GET", "/content/{path:name}/versions", answer=TemplateVersions, tag=CONTENT)
def list_template_versions(request: HttpRequest, name: str) -> TemplateVersions:
    """All versions of a template, the newest first."""
    return TemplateVersions(template_versions(name))


@operation(
    router, "GET", "/content/{path:name}/versions/{number}", answer=TemplateFiles, tag=CONTENT
)
def show_template_version(request: HttpRequest, name: str, number: Number) -> TemplateFiles:
    """A version of a template with the text of its files."""
    return template_version(name, number)
