"""One template from the folder to what is in force, without touching any other or the segments.

folder -> proposed (templating.py) -> judged beside the segments in force -> told -> published
"""

from collections.abc import Sequence

import msgspec
from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.candidates import known_data
from lettershop.app.plans import TemplateChange
from lettershop.app.template_checks import Around, judged
from lettershop.app.templates import read_folder
from lettershop.app.templating import (
    TemplateProposal,
    changes,
    proposed,
    publish_templates,
    untouched,
)
from lettershop.app.workspace import Workspace
from lettershop.campaigns import records
from lettershop.campaigns.states import State
from lettershop.content.folder import Shelf
from lettershop.model.errors import DefinitionError, Finding, WorkspaceError
from lettershop.segments.register import in_force
from lettershop.segments.versions import Signed, refuse_unwritable

OVER = frozenset[State]({"done", "aborted"})
MOST = 200
"""Campaigns that are looked at, the newest."""


class Sender(msgspec.Struct, frozen=True):
    """A campaign that sends a template."""

    name: str
    title: str
    state: State


class LetterChange(msgspec.Struct, frozen=True, kw_only=True):
    """What publishing would do. `change` None: the folder says what is in force. `findings`: those
    of level error keep it from being published. `senders`: campaigns that are not over."""

    change: TemplateChange | None
    findings: tuple[Finding, ...]
    senders: tuple[Sender, ...]
    fingerprint: str

    @property
    def possible(self) -> bool:
        return self.change is not None and not any(f.level == "error" for f in self.findings)


def letter_change(workspace: Workspace, name: str) -> LetterChange:
    """NotFound `template.unknown`; DefinitionError for files that cannot be read."""
    proposal = _proposal(workspace, name)
    return LetterChange(
        change=next(iter(changes(proposal)), None),
        findings=tuple(_judged(workspace, proposal)),
        senders=tuple(senders_of(name)),
        fingerprint=proposal.expected,
    )


def publish_letter(
    workspace: Workspace, name: str, fingerprint: str, note: str, by: Principal
) -> int | None:
    """The number it has now; None for one that was taken out of force.

    `fingerprint`: of the change that was shown. Raises as `letter_change`; DefinitionError with
    what is wrong; WorkspaceError `register.changed`.
    """
    proposal = _proposal(workspace, name)
    if proposal.expected != fingerprint:
        message = "something else was published meanwhile"
        raise WorkspaceError("register.changed", message, hint="look at the change again")
    findings = _judged(workspace, proposal)
    if any(finding.level == "error" for finding in findings):
        raise DefinitionError(findings)
    refuse_unwritable(note)
    signed = Signed(by.name, workspace.moment(None), note)
    with transaction.atomic():
        numbers = publish_templates(proposal, signed)
        if name in numbers:
            audit(by, "template.publish", name, version=numbers[name], note=note)
        elif proposal.removed:
            audit(by, "template.remove", name, note=note)
    return numbers.get(name)


def senders_of(name: str) -> Sequence[Sender]:
    """Campaigns with this template that are not over, the newest first."""
    found = []
    for record in records.listed(MOST):
        if record.state in OVER:
            continue
        said = records.definition_of(record)
        if name in (said.content, *(variant.content for variant in said.variants)):
            found.append(Sender(record.name, said.title or record.name, record.state))
    return found


def _proposal(workspace: Workspace, name: str) -> TemplateProposal:
    shelf, now = read_folder(workspace.path), untouched()
    here = {template.name for template in shelf.templates} | {*shelf.broken}
    if name in now.before and name not in here:
        return msgspec.structs.replace(now, removed=(name,))
    return proposed(Shelf(templates=(shelf.named(name),)), prune=False)


def _judged(workspace: Workspace, proposal: TemplateProposal) -> list[Finding]:
    if not proposal.after:
        return []
    known = in_force(workspace.moment(None)).definitions().values()
    around = Around.of(workspace.path, workspace.settings, known_data(workspace), known)
    return [f for template in proposal.after.values() for f in judged(template, around)]
