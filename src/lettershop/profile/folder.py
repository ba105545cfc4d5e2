"""All traits of a workspace: read, compared with the data, put in order; all findings at once."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from pathlib import Path

import msgspec

from lettershop.engines.duckdb.rows import Types
from lettershop.language import check
from lettershop.language.definition import Definition
from lettershop.model.catalog import Catalog, FieldInfo, Fields
from lettershop.model.errors import Finding
from lettershop.profile.build import Draft
from lettershop.profile.compiled import bits_of, definitions_of
from lettershop.profile.depends import Field, Graph
from lettershop.profile.reading import read_file
from lettershop.profile.table import Page
from lettershop.profile.traits import AnyTrait, TraitSubject, fields_of, types_of

FOLDER = "traits"
MOST_BITS = 3_000
"""Hidden segments one trait may need."""


UNSEEN = frozenset({"event.unknown", "property.unknown", "field.unknown", "record.unknown"})
"""Only warnings here: a score is written before the first “Unsubscribed” has come, and until then
nobody has done it."""


class Book(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds. `traits`: the sound ones, each after all it is made from. `broken`: name
    to what is wrong, of those that are not sound. `findings`: all of both, by place."""

    traits: tuple[AnyTrait, ...] = ()
    findings: tuple[Finding, ...] = ()
    broken: Mapping[str, tuple[Finding, ...]] = {}

    @property
    def sound(self) -> bool:
        """Nothing at all is wrong: what is not here was taken out on purpose."""
        return not any(finding.level == "error" for finding in self.findings)

    def definitions(self) -> list[Definition]:
        """The hidden segments of the sound traits."""
        return definitions_of(self.traits)

    def named(self, name: str) -> AnyTrait | None:
        return next((trait for trait in self.traits if trait.name == name), None)


def load_traits(
    folder: Path,
    catalog: Catalog,
    segments: Mapping[str, Definition],
    *,
    ours: Collection[Field] = (),
    compare: bool = True,
) -> Book:
    """Every `*.toml` below a folder that may be absent. What is wrong is in `findings`.

    `segments`: those that may be referred to. `ours`: fields that derived traits have written. With
    `compare=False` fields and events are not checked: there is no data yet.
    """
    if not folder.is_dir():
        return Book()
    paths = [p for p in sorted(folder.rglob("*.toml")) if not p.name.startswith(".")]
    read = [read_file(p, str(Path(FOLDER) / p.relative_to(folder)), catalog) for p in paths]
    pages, drafts = [page for page, _ in read], [d for _, found in read for d in found]
    return _Loader(pages, drafts, catalog, segments).book(ours, compare=compare)


def declared(folder: Path, catalog: Catalog) -> Types:
    """The fields derived traits will write, whether or not they can be used yet."""
    if not folder.is_dir():
        return {}
    read = (read_file(p, p.name, catalog) for p in sorted(folder.rglob("*.toml")))
    return fields_of_drafts([draft for _, drafts in read for draft in drafts])


def extended(catalog: Catalog, types: Types) -> Catalog:
    """The catalog as it will be when all traits have been worked out once."""
    return msgspec.structs.replace(
        catalog,
        contact=_with(catalog.contact, "contact", types),
        account=_with(catalog.account, "account", types),
    )


def _with(known: Fields, subject: TraitSubject, types: Types) -> Fields:
    new = {
        name: FieldInfo(name=name, type=kind, column=name)
        for (whose, name), kind in types.items()
        if whose == subject
    }
    return {**new, **known}


def fields_of_drafts(drafts: Collection[Draft]) -> Types:
    """The fields there will be, also of traits that cannot be used yet."""
    return {(d.subject, field): kind for d in drafts for field, kind in d.fields.items()}


class _Loader:
    def __init__(
        self,
        pages: list[Page],
        drafts: list[Draft],
        catalog: Catalog,
        segments: Mapping[str, Definition],
    ) -> None:
        self.pages, self.drafts = pages, drafts
        self.catalog, self.segments = catalog, segments
        self.wrong: dict[str, list[Finding]] = defaultdict(list)
        self.extra: list[Finding] = []

    def book(self, ours: Collection[Field], *, compare: bool) -> Book:
        self._refuse_twins()
        for draft in self.drafts:
            if draft.trait is None and draft.name:
                self.wrong[draft.name] += draft.said
        if compare:
            self._refuse_clashes(ours)
            self._compare()
        self._refuse_large()
        order = self._order()
        findings = {_key(f): f for page in self.pages for f in page.findings}
        findings |= {_key(f): f for f in self.extra}
        by_name = {t.name: t for t in self._traits()}
        return Book(
            traits=tuple(by_name[n] for n in order if n in by_name and n not in self.wrong),
            findings=tuple(sorted(findings.values(), key=_key)),
            broken={name: tuple(found) for name, found in self.wrong.items()},
        )

    def _traits(self) -> list[AnyTrait]:
        return [draft.trait for draft in self.drafts if draft.trait is not None]

    def _say(self, draft: Draft, finding: Finding) -> None:
        if finding not in self.extra:
            self.extra.append(finding)
        if finding.level == "error":
            self.wrong[draft.name].append(finding)

    def _about(self, draft: Draft, code: str, message: str, hint: str = "") -> None:
        self._say(draft, draft.table.finding(code, message, "name", hint))

    def _refuse_twins(self) -> None:
        """Two traits of one name, or that write one field."""
        owners: dict[Field, list[Draft]] = defaultdict(list)
        for draft in self.drafts:
            if draft.trait is None:
                continue
            for field in fields_of(draft.trait):
                owners[draft.trait.subject, field].append(draft)
            owners["", draft.name].append(draft)
        for (_, name), twins in owners.items():
            for draft in twins if len(twins) > 1 else ():
                hint = "give one of them another name"
                self._about(draft, "trait.duplicate", f"“{name}” is made twice", hint)

    def _refuse_clashes(self, ours: Collection[Field]) -> None:
        sides = {"contact": self.catalog.contact, "account": self.catalog.account}
        for draft in self.drafts:
            for (subject, name), kind in types_of([draft.trait] if draft.trait else []).items():
                info = sides[subject].get(name)
                if info is None:
                    continue
                if (subject, name) not in ours:
                    message = f"there is a field “{name}” of {subject}s already, which others write"
                    self._about(draft, "trait.clash", message, "choose another name")
                elif info.type != kind:
                    message = f"“{name}” has been a {info.type} so far and would be a {kind} now"
                    self._about(draft, "trait.type", message, "choose another name")

    def _compare(self) -> None:
        catalog = extended(self.catalog, fields_of_drafts(self.drafts))
        subjects = {name: d.subject for name, d in self.segments.items()}
        for draft in self.drafts:
            for written, tree, subject in draft.asked:
                said = check(tree, subject, catalog, segments=subjects, spans=written.spans)
                for finding in said:
                    self._say(draft, _eased(written.place(finding)))

    def _refuse_large(self) -> None:
        for draft in self.drafts:
            many = len(bits_of(draft.trait)) if draft.trait else 0
            if many > MOST_BITS:
                message = f"needs {many:,} hidden segments, {MOST_BITS:,} is the most"
                hint = "fewer steps, tags, or events that count"
                self._about(draft, "trait.too_large", message, hint)

    def _order(self) -> list[str]:
        """Names in order; cycles refused, and who is made from something broken."""
        traits = {trait.name: trait for trait in self._traits()}
        lost: dict[Field, str] = {
            (d.subject, f): d.name for d in self.drafts if not d.trait for f in d.fields
        }
        graph = Graph(traits.values(), self.segments, lost)
        by_name = {draft.name: draft for draft in self.drafts if draft.trait is not None}
        cycles = graph.cycles()
        for path in cycles:
            for name in sorted(set(path) & set(traits)):
                message = f"a trait cannot be made from itself: {' → '.join(path)}"
                self._about(by_name[name], "trait.cycle", message, "break the circle somewhere")
        if cycles:
            return [name for name in traits if name not in self.wrong]
        order = graph.order()
        for name in order:
            bad = sorted(graph.edges[name] & set(self.wrong))
            if bad and name not in self.wrong:
                message = f"“{name}” is made from “{bad[0]}”, which has errors"
                self._about(by_name[name], "trait.depends", message)
        return order


def _eased(finding: Finding) -> Finding:
    if finding.code not in UNSEEN:
        return finding
    return msgspec.structs.replace(finding, level="warning")


def _key(finding: Finding) -> tuple[str, int, int, str, str]:
    span = finding.span
    line, column = (span.line, span.column) if span else (0, 0)
    return (finding.source, line, column, finding.code, finding.message)
