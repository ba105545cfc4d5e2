"""Editions: templates as they were when a send was frozen. The folder may change afterwards; the
letters of a send are built, and built again, from its editions."""

from lettershop.content.folder import templates_of
from lettershop.content.template import Template
from lettershop.delivery.models import Edition
from lettershop.model.errors import NotFound


def keep(template: Template, at: int) -> str:
    """Keep its files, once; their digest. `at`: ms."""
    digest = template.digest
    said = {"name": template.name, "files": dict(template.files), "kept_at": at}
    Edition.objects.get_or_create(digest=digest, defaults=said)
    return digest


def edition(digest: str) -> Template:
    """NotFound `edition.unknown`; DefinitionError where its files are no template any more, as a
    later version of the program may find."""
    found = Edition.objects.filter(digest=digest).first()
    if found is None:
        hint = "its send was frozen in another workspace, or its records were restored in part"
        raise NotFound("edition.unknown", f"there is no edition “{digest}”", hint=hint)
    return templates_of(found.files).named(found.name)
