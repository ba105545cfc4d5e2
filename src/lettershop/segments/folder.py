"""All definitions of a workspace: read, parsed, put in order; everything that is wrong, at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import cast

import msgspec
from rapidfuzz import process

from lettershop.language import Parsed, check, parse, references
from lettershop.language.definition import Definition, Mode
from lettershop.language.tree import Everyone, InSegment, Node, SegmentHistory, Subject
from lettershop.language.walk import walk
from lettershop.model.catalog import Catalog
from lettershop.model.errors import DefinitionError, Finding, InputError
from lettershop.segments.order import arrange, closure
from lettershop.segments.partition import Partition, exclusive, rest
from lettershop.segments.reading import Entry, File, read_file
from lettershop.segments.reading_defaults import CATCH_ALL, DEFAULTS, strange_names

STRANGER = "segment.unknown"


class Item(msgspec.Struct, frozen=True):
    """A definition with where it came from. `parsed` is None for a catch-all, which has no text,
    and where the text could not be parsed."""

    definition: Definition
    entry: Entry
    parsed: Parsed | None

    def compare(self, catalog: Catalog, subjects: Mapping[str, Subject]) -> list[Finding]:
        """What the data says to it; spans count in the text. `subjects`: of all known segments."""
        if self.parsed is None:
            return []
        tree, spans = self.parsed.tree, self.parsed.spans
        subject = self.definition.subject
        return check(tree, subject, catalog, segments=subjects, spans=spans)


class Library(msgspec.Struct, frozen=True, kw_only=True):
    """What a folder holds.

    `items`: every named definition, in order of files. `definitions`: the sound ones, each after
    all it refers to. `broken`: name to what is wrong, of those that are not sound, also of those
    that only refer to one.
    """

    items: Mapping[str, Item] = {}
    definitions: tuple[Definition, ...] = ()
    partitions: tuple[Partition, ...] = ()
    findings: tuple[Finding, ...] = ()
    broken: Mapping[str, tuple[Finding, ...]] = {}

    def about(self, name: str) -> list[Finding]:
        """Findings that stand within the definition of that name: from its start to the next."""
        item = self.items[name]
        start = item.entry.start()
        later = [i.entry.start() for i in self.items.values() if _same_file(i, item)]
        end = min((line for line in later if line > start), default=None)
        return [
            f
            for f in self.findings
            if f.source == item.definition.source
            and f.span is not None
            and start <= f.span.line
            and (end is None or f.span.line < end)
        ]

    def subjects(self) -> dict[str, Subject]:
        return {name: item.definition.subject for name, item in self.items.items()}

    def needed(self, names: Sequence[str]) -> tuple[Definition, ...]:
        """The named definitions and all they refer to, in order."""
        graph = {d.name: [*references(d.where)] for d in self.definitions}
        wanted = closure(graph, names)
        return tuple(d for d in self.definitions if d.name in wanted)


def load_folder(
    folder: Path, catalog: Catalog | None = None, *, shown: Path | None = None
) -> Library:
    """Every `*.toml` below a folder, but not in hidden ones. What is wrong is in `findings`.

    `catalog`: what is known of the data; without it fields and events are not checked. `shown`:
    how the folder is called in findings.
    """
    return load_paths([folder], catalog, shown=shown)


def load_paths(
    paths: Sequence[Path], catalog: Catalog | None = None, *, shown: Path | None = None
) -> Library:
    """The same for several files and folders as if they were one. InputError when one is absent."""
    found = {
        p.resolve(): (p, name) for path in paths for p, name in _toml_files(path, shown or path)
    }
    files = [read_file(p, str(name)) for p, name in found.values()]
    return _Loader(files, catalog).library()


def check_folder(path: Path, catalog: Catalog | None) -> list[Finding]:
    """Everything there is to say about the definitions in a folder or file."""
    return [*load_paths([path], catalog).findings]


def _toml_files(path: Path, shown: Path) -> list[tuple[Path, Path]]:
    if path.is_file():
        return [(path, shown)]
    if not path.is_dir():
        message = "there is no such file or folder"
        raise InputError("definition.no_folder", message, where=str(shown))
    inner = (p.relative_to(path) for p in sorted(path.rglob("*.toml")) if p.is_file())
    return [
        (path / p, shown / p) for p in inner if not any(part.startswith(".") for part in p.parts)
    ]


class _Loader:
    """Gathers definitions and findings; `wrong` has those findings that belong to one name."""

    def __init__(self, files: Sequence[File], catalog: Catalog | None) -> None:
        self.catalog = catalog
        self.findings: list[Finding] = [f for file in files for f in file.findings]
        self.wrong: dict[str, list[Finding]] = defaultdict(list)
        self.partitions: list[Partition] = []
        found: list[Item] = []
        for file in files:
            found += [item for e in file.segments if (item := self._segment(e))]
            for entry in file.partitions:
                found += self._family(entry)
        self._refuse_twins(found)
        self.items = {item.definition.name: item for item in reversed(found)}
        self.items = {item.definition.name: self.items[item.definition.name] for item in found}

    def library(self) -> Library:
        graph = {name: sorted(references(i.definition.where)) for name, i in self.items.items()}
        subjects = {name: item.definition.subject for name, item in self.items.items()}
        for item in self.items.values():
            self._refuse_strangers(item)
            if self.catalog is not None:
                self._compare(item, self.catalog, subjects)
        order = arrange(graph)
        for cycle in order.cycles:
            self._refuse_cycle(cycle)
        self._break_families()
        self._break_dependents(order.names, graph)
        sound = [self.items[n].definition for n in order.names if n not in self.wrong]
        return Library(
            items=self.items,
            definitions=tuple(sound),
            partitions=tuple(self.partitions),
            findings=tuple(sorted(self.findings, key=_by_place)),
            broken={name: tuple(findings) for name, findings in self.wrong.items()},
        )

    def _say(self, finding: Finding, *names: str) -> None:
        self.findings.append(finding)
        for name in names:
            self.wrong[name].append(finding)

    def _segment(
        self, entry: Entry, subject: Subject | None = None, partition: str | None = None
    ) -> Item | None:
        name = entry.values.get("name")
        parsed = self._parse(entry, name)
        if name is None:
            return None
        definition = Definition(
            name=name,
            title=entry.values.get("title", ""),
            description=entry.values.get("description", ""),
            subject=subject or cast(Subject, entry.values.get("subject", "contact")),
            mode=cast(Mode, entry.values.get("mode", "dynamic")),
            where=parsed.tree if parsed else Everyone(),
            partition=partition,
            text=entry.values.get("where", ""),
            source=entry.file.source,
            defaults=entry.defaults,
        )
        for finding in entry.findings:
            self.wrong[name].append(finding)
        return Item(definition, entry, parsed)

    def _parse(self, entry: Entry, name: str | None) -> Parsed | None:
        text = entry.values.get("where")
        if text is None:
            return None
        try:
            return parse(text, entry.file.source)
        except DefinitionError as error:
            for finding in error.findings:
                self._say(_in_file(finding, entry), *([name] if name else []))
            return None

    def _family(self, entry: Entry) -> list[Item]:
        name, last = entry.values.get("name"), entry.values.get("catch_all")
        subject = cast(Subject, entry.values.get("subject", "contact"))
        members = [i for e in entry.members if (i := self._segment(e, subject, name))]
        if name is None or last is None or not members:
            return members
        own = [item.definition for item in members]
        final = msgspec.structs.replace(
            rest(last, entry.values.get("catch_all_title", ""), own), defaults=entry.defaults
        )
        found = [
            *(Item(d, i.entry, i.parsed) for d, i in zip(exclusive(own), members, strict=True)),
            Item(final, entry, None),
        ]
        names = tuple(item.definition.name for item in found)
        title = entry.values.get("title", "")
        family = Partition(name=name, title=title, subject=subject, members=names)
        if name in [p.name for p in self.partitions]:
            message = f"there are two partitions called “{name}”"
            self._say(entry.finding("definition.duplicate", message), *names)
        for finding in entry.findings:
            self.wrong[names[0]].append(finding)
        self.partitions.append(family)
        return found

    def _refuse_twins(self, found: Sequence[Item]) -> None:
        by_name: dict[str, list[Item]] = defaultdict(list)
        for item in found:
            by_name[item.definition.name].append(item)
        for name, twins in by_name.items():
            for item in twins if len(twins) > 1 else ():
                others = (_spot(t) for t in twins if t is not item)
                message = f"“{name}” is also defined in {', '.join(others)}"
                hint = "give one of them another name"
                said = item.entry.finding("definition.duplicate", message, _key(item), hint)
                self._say(said, name)

    def _refuse_strangers(self, item: Item) -> None:
        if item.parsed is None:
            return
        for node in walk(item.parsed.tree):
            if isinstance(node, InSegment | SegmentHistory) and node.name not in self.items:
                near = process.extractOne(node.name, [*self.items], score_cutoff=60)
                families = [p for p in self.partitions if p.name == node.name]
                hint = f"did you mean “{near[0]}”?" if near else "segment list shows them all"
                if families:
                    hint = f"that is a partition of {', '.join(families[0].members)}"
                message = f"there is no segment “{node.name}”"
                self._say(self._at(item, node, message, hint), item.definition.name)

    def _compare(self, item: Item, catalog: Catalog, subjects: Mapping[str, Subject]) -> None:
        for finding in item.compare(catalog, subjects):
            if finding.code == STRANGER:
                continue  # said already, with partitions in mind
            names = [item.definition.name] if finding.level == "error" else []
            self._say(_in_file(finding, item.entry), *names)
        for name, hint in strange_names(item.definition.defaults, catalog):
            self._say(_strange_default(item, name, hint))

    def _refuse_cycle(self, cycle: Sequence[str]) -> None:
        path = " → ".join(cycle)
        item = self.items[cycle[0]]
        message = f"a segment cannot depend on itself: {path}"
        said = item.entry.finding("segment.cycle", message, "where", "break the circle somewhere")
        for node in walk(item.parsed.tree) if item.parsed else ():
            if isinstance(node, InSegment | SegmentHistory) and node.name == cycle[1]:
                said = msgspec.structs.replace(said, span=self._at(item, node, "", "").span)
        self._say(said, *cycle[:-1])

    def _at(self, item: Item, node: Node, message: str, hint: str) -> Finding:
        span = item.parsed.span_of(node, "name") if item.parsed else None
        finding = Finding(STRANGER, message, hint=hint, span=span)
        return _in_file(finding, item.entry)

    def _break_families(self) -> None:
        """A partition is sound as a whole or not at all."""
        for family in self.partitions:
            problems = [f for name in family.members for f in self.wrong.get(name, ())]
            for name in family.members if problems else ():
                self.wrong[name] = problems

    def _break_dependents(self, order: Sequence[str], graph: Mapping[str, Sequence[str]]) -> None:
        """Who refers to a broken one is not sound; it is told so, but only there."""
        for name in order:
            bad = [other for other in graph[name] if other in self.wrong]
            if bad and name not in self.wrong:
                message = f"“{name}” refers to “{bad[0]}”, which has errors"
                source = self.items[name].definition.source
                self.wrong[name].append(Finding("definition.depends", message, source=source))


def _same_file(one: Item, other: Item) -> bool:
    return one.definition.source == other.definition.source


def _key(item: Item) -> str:
    return "name" if item.parsed or "where" in item.entry.values else "catch_all"


def _spot(item: Item) -> str:
    span = item.entry.key(_key(item))
    return f"{item.entry.file.source}:{span.line}"


def _in_file(finding: Finding, entry: Entry) -> Finding:
    path = (*entry.path, "where")
    places, span = entry.file.places, finding.span
    found = places.inside(path, span.start, span.end) if span else places.key(path)
    return msgspec.structs.replace(finding, span=found, source=entry.file.source)


def _strange_default(item: Item, name: str, hint: str) -> Finding:
    message = f"there is no field “{name}” that this could be the default of"
    table = DEFAULTS if item.parsed or "where" in item.entry.values else CATCH_ALL
    span = item.entry.file.places.key((*item.entry.path, table, *name.split(".")))
    source = item.entry.file.source
    return Finding("definition.default_unknown", message, "warning", hint, span, source)


def _by_place(finding: Finding) -> tuple[str, int, int]:
    span = finding.span
    return (finding.source, span.line if span else 0, span.column if span else 0)
