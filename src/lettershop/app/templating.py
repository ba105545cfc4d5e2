"""Templates beside what is in force: what publishing them would change.

a folder or texts that were sent -> Shelf -> proposed -> checked (what changed is compiled) -> told
"""

from collections.abc import Iterator, Mapping
from difflib import unified_diff
from pathlib import PurePosixPath

import msgspec

from lettershop.app.plans import Plan, TemplateChange, TemplateKind
from lettershop.content import register, versions
from lettershop.content.folder import CONTENT, Shelf, is_template_file, templates_of
from lettershop.content.register import PublishedTemplate
from lettershop.content.template import Template
from lettershop.content.versions import TemplateSwitch
from lettershop.model.errors import InputError
from lettershop.segments.versions import Signed

MOST_FILES = 5_000
MOST_BYTES = 8 * 1024 * 1024
LONGEST_PART = 200
NOWHERE = "/dev/null"


class TemplateProposal(msgspec.Struct, frozen=True, kw_only=True):
    """Names by what would become of them. `expected`: the fingerprint of what is in force.
    `after`: templates that are new or changed. `kept`: in force, but not among the files."""

    expected: str
    before: Mapping[str, PublishedTemplate]
    after: Mapping[str, Template] = {}
    removed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        return not self.after and not self.removed

    def remaining(self) -> dict[str, Template]:
        """All templates there would be."""
        stay = {n: p.template() for n, p in self.before.items() if n not in self.removed}
        return {**stay, **self.after}


def sent_templates(files: Mapping[str, str]) -> Shelf:
    """Files sent as texts, by their path below content/. InputError for a path that cannot be."""
    size = sum(map(len, files.values()))
    if len(files) > MOST_FILES or size > MOST_BYTES:
        message = f"at most {MOST_FILES:,} files and {MOST_BYTES // 1024**2} MB of templates"
        raise InputError("template.too_large", message, where="content")
    for name in files:
        refuse_path(name)
    return templates_of(files)


def untouched() -> TemplateProposal:
    """Nothing becomes of any template."""
    before = {template.name: template for template in register.published()}
    return TemplateProposal(
        expected=register.fingerprint(), before=before, unchanged=tuple(sorted(before))
    )


def proposed(shelf: Shelf, *, prune: bool) -> TemplateProposal:
    """What the sound templates of a folder would change; what only the register has stays unless
    `prune`."""
    now = untouched()
    wanted = {template.name: template for template in shelf.templates}
    digests = {name: template.digest for name, template in now.before.items()}
    only_here = tuple(name for name in sorted(digests) if name not in wanted)
    after = {n: template for n, template in wanted.items() if digests.get(n) != template.digest}
    return msgspec.structs.replace(
        now,
        after=after,
        removed=only_here if prune else (),
        unchanged=tuple(name for name in sorted(digests) if name in wanted and name not in after),
        kept=() if prune else only_here,
    )


def told(plan: Plan, proposal: TemplateProposal) -> Plan:
    """The plan with what becomes of templates."""
    return msgspec.structs.replace(
        plan,
        empty=plan.empty and proposal.empty,
        templates=tuple(changes(proposal)),
        templates_unchanged=proposal.unchanged,
        templates_kept=proposal.kept,
        fingerprint=proposal.expected,
    )


def publish_templates(proposal: TemplateProposal, by: Signed) -> dict[str, int]:
    """Make it so: the number of every new or changed one. WorkspaceError `register.changed`."""
    if proposal.empty:
        return {}
    return versions.publish(
        TemplateSwitch(
            expected=proposal.expected,
            changed=proposal.after,
            removed=proposal.removed,
            author=by.author,
            at=by.at,
            note=by.note,
        )
    )


def file_diff(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """Unified, of all files that differ; "" when none does."""
    return "".join(
        f"{line}\n"
        for path in sorted({*before, *after})
        for line in _lines(path, before.get(path), after.get(path))
    )


def _lines(path: str, before: str | None, after: str | None) -> Iterator[str]:
    shown = (CONTENT / path).as_posix()
    yield from unified_diff(
        (before or "").split("\n"),
        (after or "").split("\n"),
        NOWHERE if before is None else shown,
        NOWHERE if after is None else shown,
        lineterm="",
    )


def changes(proposal: TemplateProposal) -> Iterator[TemplateChange]:
    """What would become of each template that is not as it is."""
    for name, template in proposal.after.items():
        now = proposal.before.get(name)
        kind: TemplateKind = "new" if now is None else "changed"
        yield _change(kind, name, template, now, template.files)
    for name in proposal.removed:
        yield _change("removed", name, None, proposal.before[name], {})


def _change(
    kind: TemplateKind,
    name: str,
    template: Template | None,
    now: PublishedTemplate | None,
    after: Mapping[str, str],
) -> TemplateChange:
    before: Mapping[str, str] = {} if now is None else now.files
    return TemplateChange(
        kind=kind,
        name=name,
        subject="" if template is None else template.variants[0].subject,
        version=None if now is None else now.version,
        languages=() if template is None else tuple(v.language for v in template.variants[1:]),
        files=tuple(p for p in sorted({*before, *after}) if before.get(p) != after.get(p)),
        diff=file_diff(before, after),
    )


def refuse_path(name: str) -> None:
    """InputError `template.path` for what cannot be a template's file below content/."""
    path = PurePosixPath(name)
    odd = any(not part.isprintable() or len(part) > LONGEST_PART for part in path.parts)
    out = path.is_absolute() or ".." in path.parts or "\\" in name
    if out or odd or not is_template_file(path) or str(path) != name:
        message = f"“{name[:100]}” cannot be a file of a template"
        hint = "a path below content/ that ends with .mjml, .html or .txt, as spring/offer.de.mjml"
        raise InputError("template.path", message, where="content", hint=hint)
