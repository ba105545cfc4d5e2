"""Publishing: from a folder, a draft or a removal to what is in force.

proposal (segments/world.py) -> judged -> counted (difference.py) -> plan -> applied, all at once

The records must be connected (records.py). Whoever counts may do so on a reader's workspace; only
the records are written.
"""

from collections.abc import Collection, Mapping

from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app.candidates import drafted, folder_library, known_data, library_of, own_condition
from lettershop.app.derived import Shelf
from lettershop.app.planned import plan_of
from lettershop.app.plans import (
    Applied,
    DraftText,
    InForceAnswer,
    Plan,
    VersionAnswer,
    in_force_answer,
    version_answer,
)
from lettershop.app.template_checks import Around, judged, users_of
from lettershop.app.templates import read_folder
from lettershop.app.templating import (
    TemplateProposal,
    proposed,
    publish_templates,
    sent_templates,
    told,
    untouched,
)
from lettershop.app.workspace import Workspace
from lettershop.content.folder import Shelf as TemplateShelf
from lettershop.language import references
from lettershop.language.definition import HIDDEN
from lettershop.model.errors import DefinitionError, Finding, NotFound, UsageError, WorkspaceError
from lettershop.segments import versions
from lettershop.segments.folder import Library
from lettershop.segments.register import (
    InForce,
    in_force,
    published,
    version,
    versions as versions_of,
)
from lettershop.segments.versions import Signed, Switch
from lettershop.segments.world import Proposal, from_library, judge, placed, propose

SAMPLE = 3
MOST = 10
"""Of those who enter or leave, how many are shown: usually, and at most."""

Files = Mapping[str, str]
"""Path below segments/, or below content/, to the text of the file."""


class Publisher:
    """What may be asked about what is in force, and done to it, by one principal."""

    def __init__(self, workspace: Workspace, by: Principal) -> None:
        self.workspace, self.by = workspace, by

    # --- a folder -------------------------------------------------------------------------------

    def plan(
        self,
        files: Files | None = None,
        content: Files | None = None,
        *,
        prune: bool = False,
        sample: int = SAMPLE,
        as_of: int | None = None,
    ) -> Plan:
        """What `apply` would do. `files`, `content`: instead of the workspace's folders; with
        `files` and no `content` templates stay as they are.

        DefinitionError with everything that is wrong with definitions and templates; what `judge`
        refuses.
        """
        now = in_force(self.workspace.moment(as_of))
        segments, templates = self._of_folder(now, files, content, prune=prune)
        return self._told(segments, sample, as_of, templates)

    def apply(
        self,
        files: Files | None = None,
        content: Files | None = None,
        *,
        prune: bool = False,
        allow_size: Collection[str] = (),
        revision: int | None = None,
        fingerprint: str | None = None,
        note: str = "",
        sample: int = 0,
    ) -> Applied:
        """Publish what the folder says, all at once. `revision`, `fingerprint`: those of the plan
        that was shown.

        UsageError `segment.size_guard` for sizes that move too far and are not in `allow_size`;
        WorkspaceError `register.changed`.
        """
        now = in_force(self.workspace.moment(None))
        _refuse_late(now, revision)
        segments, templates = self._of_folder(now, files, content, prune=prune)
        if fingerprint not in (None, templates.expected):
            raise _late()
        return self._publish(segments, allow_size, note, sample, templates=templates)

    def _of_folder(
        self, now: InForce, files: Files | None, content: Files | None, *, prune: bool
    ) -> tuple[Proposal, TemplateProposal]:
        """Both; DefinitionError with what is wrong with either."""
        library, findings = None, list[Finding]()
        try:
            library = self._library(files)
        except DefinitionError as error:
            findings += error.findings
        shelf = self._shelf(files, content)
        templates = untouched() if shelf is None else proposed(shelf, prune=prune)
        segments = None if library is None else from_library(now, library, prune=prune)
        findings += () if shelf is None else shelf.findings
        findings += self._said_of(templates, segments)
        if segments is None or any(finding.level == "error" for finding in findings):
            raise DefinitionError(findings)
        return self._judged(segments, templates), templates

    def _library(self, files: Files | None) -> Library:
        workspace = self.workspace
        return folder_library(workspace) if files is None else library_of(files, workspace)

    def _shelf(self, files: Files | None, content: Files | None) -> TemplateShelf | None:
        """None: templates stay as they are."""
        if content is not None:
            return sent_templates(content)
        return read_folder(self.workspace.path) if files is None else None

    def _said_of(self, templates: TemplateProposal, segments: Proposal | None) -> list[Finding]:
        """What is found when new and changed templates are compiled. `segments`: those there would
        be; None: that is not known."""
        if templates.empty:
            return []
        data, settings = known_data(self.workspace), self.workspace.settings
        after = None if segments is None else segments.after.values()
        around = Around.of(self.workspace.path, settings, data, after)
        return [f for template in templates.after.values() for f in judged(template, around)]

    # --- one segment ----------------------------------------------------------------------------

    def in_force(self) -> list[InForceAnswer]:
        """Every published segment."""
        return [in_force_answer(found) for found in published()]

    def versions(self, name: str) -> list[VersionAnswer]:
        """All versions of a segment, the newest first. NotFound `segment.unknown`."""
        return [version_answer(row) for row in versions_of(name)]

    def draft(self, name: str, said: DraftText) -> VersionAnswer:
        """Write a new version that is not in force yet. DefinitionError: what is wrong with it."""
        now = in_force(self.workspace.moment(None))
        definition = drafted(self.workspace, now, name, said)
        self._judged(propose(now, {name: definition}))
        with transaction.atomic():
            row = versions.draft(definition, self._signed(said.note))
            audit(self.by, "segment.draft", name, version=row.number)
        return version_answer(row)

    def discard(self, name: str, number: int) -> VersionAnswer:
        """Forget a draft. NotFound; UsageError `version.not_draft`."""
        with transaction.atomic():
            row = versions.discard(name, number)
            audit(self.by, "segment.discard", name, version=number)
        return version_answer(row)

    def difference(self, name: str, number: int, sample: int = SAMPLE) -> Plan:
        """What publishing that version would do: a draft, or an old one once more."""
        now = in_force(self.workspace.moment(None))
        return self._told(self._of_version(now, name, number), sample, None)

    def publish(
        self,
        name: str,
        number: int,
        *,
        allow_size: Collection[str] = (),
        revision: int | None = None,
        note: str = "",
    ) -> Applied:
        """Put a draft in force; of a retired version a new one with its content. Raises as `apply`,
        and UsageError `version.published` for the one that is in force."""
        now = in_force(self.workspace.moment(None))
        _refuse_late(now, revision)
        row = version(name, number)
        if row.state == "published":
            message = f"version {number} of “{name}” is the one in force"
            raise UsageError("version.published", message)
        drafts = {name: number} if row.state == "draft" else {}
        proposal = self._of_version(now, name, number)
        return self._publish(proposal, allow_size, note, 0, drafts)

    def remove(self, name: str, note: str = "") -> Applied:
        """Take a segment out of force, with its pins; its versions stay readable.

        NotFound `segment.unknown`; UsageError `segment.referenced`, `partition.broken`.
        """
        now = in_force(self.workspace.moment(None))
        if name not in now.definitions():
            hint = "lettershop segment versions lists what is"
            raise NotFound("segment.unknown", f"“{name}” is not published", hint=hint)
        proposal = self._judged(propose(now, {}, removed=[name]))
        return self._publish(proposal, (), note, 0)

    def _of_version(self, now: InForce, name: str, number: int) -> Proposal:
        row = version(name, number)
        wanted = placed(now, own_condition(row.definition))
        return self._judged(propose(now, {name: wanted}))

    # --- how ------------------------------------------------------------------------------------

    def _judged(self, proposal: Proposal, templates: TemplateProposal | None = None) -> Proposal:
        judge(proposal, known_data(self.workspace))
        if proposal.removed:
            _refuse_bereft(self.workspace, proposal)
            _refuse_unasked(proposal, templates or untouched())
        return proposal

    def _signed(self, note: str) -> Signed:
        return Signed(self.by.name, self.workspace.moment(None), note)

    def _told(
        self,
        proposal: Proposal,
        sample: int,
        as_of: int | None,
        templates: TemplateProposal | None = None,
    ) -> Plan:
        at = self.workspace.moment(as_of)
        plan = plan_of(self.workspace, proposal, at, min(sample, MOST))
        return plan if templates is None else told(plan, templates)

    def _publish(
        self,
        proposal: Proposal,
        allow_size: Collection[str],
        note: str,
        sample: int,
        drafts: Mapping[str, int] | None = None,
        templates: TemplateProposal | None = None,
    ) -> Applied:
        plan = self._told(proposal, sample, None, templates)
        _refuse_leaps(plan, allow_size)
        changed = [*proposal.new, *proposal.changed, *(drafts or {})]
        switch = Switch(
            revision=proposal.now.revision,
            changed={name: proposal.after[name] for name in dict.fromkeys(changed)},
            drafts=drafts or {},
            described={n: proposal.after[n] for n in proposal.described if n not in changed},
            removed=proposal.removed,
            partitions=proposal.partitions,
        )
        quiet, signed = proposal.empty and not drafts, self._signed(note)
        versions.refuse_unwritable(note)
        with transaction.atomic():
            numbers = {} if quiet else versions.publish(switch, signed)
            letters = publish_templates(templates, signed) if templates else {}
            self._write_down(plan, numbers, letters, note)
        return Applied(
            plan=plan,
            versions=numbers,
            removed=proposal.removed,
            revision=proposal.now.revision + (not quiet),
            templates=letters,
            templates_removed=templates.removed if templates else (),
        )

    def _write_down(
        self, plan: Plan, numbers: Mapping[str, int], letters: Mapping[str, int], note: str
    ) -> None:
        for change in plan.changes:
            name = change.name
            if name in numbers:
                moved = {"entering": change.entering, "leaving": change.leaving}
                audit(self.by, "segment.publish", name, version=numbers[name], note=note, **moved)
            elif change.kind == "described":
                audit(self.by, "segment.describe", name, parts=change.what, note=note)
            elif change.kind == "removed":
                audit(self.by, "segment.remove", name, note=note)
        for letter in plan.templates:
            if letter.name in letters:
                version = letters[letter.name]
                audit(self.by, "template.publish", letter.name, version=version, note=note)
            else:
                audit(self.by, "template.remove", letter.name, note=note)


def _refuse_bereft(workspace: Workspace, proposal: Proposal) -> None:
    """Derived traits may refer to segments, too."""
    hidden = Shelf().book(workspace, proposal.now.definitions()).definitions()
    for gone in proposal.removed:
        users = {d.name for d in hidden if gone in references(d.where)}
        if users:
            traits = sorted({n.removeprefix(HIDDEN).rpartition("/")[0] or n for n in users})
            told = ", ".join(f"“{trait}”" for trait in traits)
            message = f"“{gone}” cannot be removed: a derived trait refers to it: {told}"
            hint = "change the trait first, in traits/"
            raise UsageError("segment.referenced", message, where=gone, hint=hint)


def _refuse_unasked(proposal: Proposal, templates: TemplateProposal) -> None:
    """Dynamic blocks of templates may ask about segments."""
    users = users_of(proposal.removed, templates.remaining().values())
    for gone, names in users.items():
        told = ", ".join(f"“{name}”" for name in names)
        message = f"“{gone}” cannot be removed: a template asks about it: {told}"
        hint = "change the template first, in content/"
        raise UsageError("segment.referenced", message, where=gone, hint=hint)


def _refuse_late(now: InForce, revision: int | None) -> None:
    if revision not in (None, now.revision):
        raise _late()


def _late() -> WorkspaceError:
    message = "something else was published or pinned since this plan was made"
    return WorkspaceError("register.changed", message, hint="look at the plan again")


def _refuse_leaps(plan: Plan, allowed: Collection[str]) -> None:
    leaps = [change for change in plan.changes if change.guarded and change.name not in allowed]
    if leaps:
        told = "; ".join(f"“{c.name}” from {c.before:,} to {c.after:,}" for c in leaps)
        message = f"sizes would move further than the setting size_guard allows: {told}"
        names = " ".join(f"--yes-size {c.name}" for c in leaps)
        hint = f"when that is meant, say so: {names} (in the API: allow_size)"
        where = leaps[0].name
        raise UsageError("segment.size_guard", message, where=where, hint=hint)
