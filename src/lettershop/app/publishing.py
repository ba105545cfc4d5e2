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
from lettershop.app.workspace import Workspace
from lettershop.language import references
from lettershop.language.definition import HIDDEN
from lettershop.model.errors import NotFound, UsageError, WorkspaceError
from lettershop.segments import versions
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
"""Path below segments/ to the text of the file."""


class Publisher:
    """What may be asked about what is in force, and done to it, by one principal."""

    def __init__(self, workspace: Workspace, by: Principal) -> None:
        self.workspace, self.by = workspace, by

    # --- a folder -------------------------------------------------------------------------------

    def plan(
        self,
        files: Files | None = None,
        *,
        prune: bool = False,
        sample: int = SAMPLE,
        as_of: int | None = None,
    ) -> Plan:
        """What `apply` would do. `files`: instead of the workspace's folder.

        DefinitionError with everything that is wrong with the definitions; what `judge` refuses.
        """
        now = in_force(self.workspace.moment(as_of))
        return self._told(self._of_folder(now, files, prune=prune), sample, as_of)

    def apply(
        self,
        files: Files | None = None,
        *,
        prune: bool = False,
        allow_size: Collection[str] = (),
        revision: int | None = None,
        note: str = "",
        sample: int = 0,
    ) -> Applied:
        """Publish what the folder says, all at once. `revision`: that of the plan that was shown.

        UsageError `segment.size_guard` for sizes that move too far and are not in `allow_size`;
        WorkspaceError `register.changed`.
        """
        now = in_force(self.workspace.moment(None))
        _refuse_late(now, revision)
        return self._publish(self._of_folder(now, files, prune=prune), allow_size, note, sample)

    def _of_folder(self, now: InForce, files: Files | None, *, prune: bool) -> Proposal:
        workspace = self.workspace
        library = folder_library(workspace) if files is None else library_of(files, workspace)
        return self._judged(from_library(now, library, prune=prune))

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

    def _judged(self, proposal: Proposal) -> Proposal:
        judge(proposal, known_data(self.workspace))
        if proposal.removed:
            _refuse_bereft(self.workspace, proposal)
        return proposal

    def _signed(self, note: str) -> Signed:
        return Signed(self.by.name, self.workspace.moment(None), note)

    def _told(self, proposal: Proposal, sample: int, as_of: int | None) -> Plan:
        at = self.workspace.moment(as_of)
        return plan_of(self.workspace, proposal, at, min(sample, MOST))

    def _publish(
        self,
        proposal: Proposal,
        allow_size: Collection[str],
        note: str,
        sample: int,
        drafts: Mapping[str, int] | None = None,
    ) -> Applied:
        plan = self._told(proposal, sample, None)
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
        if proposal.empty and not drafts:
            return Applied(plan=plan, versions={}, removed=(), revision=proposal.now.revision)
        with transaction.atomic():
            numbers = versions.publish(switch, self._signed(note))
            self._write_down(plan, numbers, note)
        return Applied(
            plan=plan,
            versions=numbers,
            removed=proposal.removed,
            revision=proposal.now.revision + 1,
        )

    def _write_down(self, plan: Plan, numbers: Mapping[str, int], note: str) -> None:
        for change in plan.changes:
            name = change.name
            if name in numbers:
                moved = {"entering": change.entering, "leaving": change.leaving}
                audit(self.by, "segment.publish", name, version=numbers[name], note=note, **moved)
            elif change.kind == "described":
                audit(self.by, "segment.describe", name, parts=change.what, note=note)
            elif change.kind == "removed":
                audit(self.by, "segment.remove", name, note=note)


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


def _refuse_late(now: InForce, revision: int | None) -> None:
    if revision is not None and revision != now.revision:
        message = "something else was published or pinned since this plan was made"
        hint = "look at the plan again"
        raise WorkspaceError("register.changed", message, hint=hint)


def _refuse_leaps(plan: Plan, allowed: Collection[str]) -> None:
    leaps = [change for change in plan.changes if change.guarded and change.name not in allowed]
    if leaps:
        told = "; ".join(f"“{c.name}” from {c.before:,} to {c.after:,}" for c in leaps)
        message = f"sizes would move further than the setting size_guard allows: {told}"
        names = " ".join(f"--yes-size {c.name}" for c in leaps)
        hint = f"when that is meant, say so: {names} (in the API: allow_size)"
        where = leaps[0].name
        raise UsageError("segment.size_guard", message, where=where, hint=hint)
