"""Who gathers the findings, and in which place of the tree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process, utils

from lettershop.language.spans import Spans
from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog, FieldInfo
from lettershop.model.errors import Finding, Level

Properties = Mapping[str, Sequence[FieldInfo]]
"""What a name may mean inside a `where`: of several events, each has its own."""


@dataclass(frozen=True)
class Desk:
    """What a check has at hand, and the pile of findings."""

    catalog: Catalog
    segments: Mapping[str, Subject]
    spans: Spans
    source: str = ""
    pile: list[Finding] = field(default_factory=list)

    def error(self, code: str, message: str, node: object, part: str = "", hint: str = "") -> None:
        self._say("error", code, message, node, part, hint)

    def warn(self, code: str, message: str, node: object, part: str = "", hint: str = "") -> None:
        self._say("warning", code, message, node, part, hint)

    def info(self, code: str, message: str, node: object, part: str = "", hint: str = "") -> None:
        self._say("info", code, message, node, part, hint)

    def _say(
        self, level: Level, code: str, message: str, node: object, part: str, hint: str
    ) -> None:
        span = self.spans.of(node, part)
        finding = Finding(code, message, level, hint, span, self.source)
        if finding not in self.pile:
            self.pile.append(finding)


@dataclass(frozen=True)
class Place:
    """Where in the tree: whose conditions these are."""

    subject: Subject
    inside: bool = False
    """Inside `people who (…)`, where the subject is `people`."""

    @property
    def noun(self) -> str:
        return {"contact": "contacts", "account": "accounts", "people": "people"}[self.subject]


def nearest(name: str, names: Iterable[str]) -> str:
    """`did you mean a, b?` with up to three near names, or nothing."""
    found = process.extract(
        name,
        [*names],
        scorer=fuzz.WRatio,
        processor=utils.default_process,
        limit=3,
        score_cutoff=70,
    )
    return f"did you mean {', '.join(str(match[0]) for match in found)}?" if found else ""
