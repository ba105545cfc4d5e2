"""Changing what is in force: any number of templates at once.

Nothing here judges templates; that they are sound is seen to before.
"""

from collections.abc import Collection, Mapping

import msgspec
from django.db import IntegrityError, transaction

from lettershop.content.models import WHO, TemplateName, TemplateVersion
from lettershop.content.register import fingerprint
from lettershop.content.template import Template
from lettershop.model.errors import NotFound, WorkspaceError


class TemplateSwitch(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes different, all at once. `expected`: `register.fingerprint()` of what the switch
    was thought out for. `author`, `at` (milliseconds), `note`: who does it, when, and why."""

    expected: str
    changed: Mapping[str, Template] = {}
    removed: Collection[str] = ()
    author: str
    at: int
    note: str = ""


def publish(switch: TemplateSwitch) -> dict[str, int]:
    """Make it so, in one transaction: all or nothing. The number of every changed template.

    WorkspaceError `register.changed` when something else was published meanwhile; NotFound
    `template.unknown` for a removed one that is not in force.
    """
    try:
        with transaction.atomic():
            if fingerprint() != switch.expected:
                raise _changed()
            numbers = {n: _publish(template, switch) for n, template in switch.changed.items()}
            for name in switch.removed:
                _remove(name, switch)
    except IntegrityError:  # somebody else was a moment earlier
        raise _changed() from None
    return numbers


def _publish(template: Template, by: TemplateSwitch) -> int:
    TemplateName.objects.get_or_create(name=template.name, defaults={"created_at": by.at})
    row = TemplateName.objects.select_for_update().get(name=template.name)
    _retire(row, by.at)
    row.last_number += 1
    row.save(update_fields=["last_number"])
    TemplateVersion.objects.create(
        template=row,
        number=row.last_number,
        state="published",
        digest=template.digest,
        files=dict(template.files),
        author=by.author[:WHO],
        note=by.note,
        published_at=by.at,
    )
    return row.last_number


def _remove(name: str, by: TemplateSwitch) -> None:
    row = TemplateName.objects.filter(name=name).first()
    if row is None or not _retire(row, by.at):
        raise NotFound("template.unknown", f"no template “{name}” is in force")


def _retire(row: TemplateName, at: int) -> int:
    living = TemplateVersion.objects.filter(template=row, state="published")
    return living.update(state="retired", retired_at=at)


def _changed() -> WorkspaceError:
    message = "something else was published meanwhile"
    return WorkspaceError(
        "register.changed", message, hint="look at the plan again: lettershop plan"
    )
