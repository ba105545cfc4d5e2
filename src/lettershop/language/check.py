"""Comparing a definition with the data it will meet: all findings at once."""

from collections.abc import Mapping

from lettershop.language.checking.conditions import condition
from lettershop.language.checking.findings import Desk, Place
from lettershop.language.spans import Spans
from lettershop.language.text.limits import MAX_CONDITIONS
from lettershop.language.tree import Condition, KnownFor, Subject
from lettershop.language.walk import size, walk
from lettershop.model.catalog import Catalog
from lettershop.model.errors import Finding


def check(
    tree: Condition,
    subject: Subject,
    catalog: Catalog,
    *,
    segments: Mapping[str, Subject],
    spans: Spans | None = None,
    source: str = "",
) -> list[Finding]:
    """Everything there is to say about a tree; empty when all is well.

    `segments`: the names that may be referred to. `spans`: of the text the tree was parsed from
    (`Parsed.spans`), to say where. A definition with a finding of level error cannot be evaluated.
    """
    desk = Desk(catalog, segments, spans or Spans(), source)
    if size(tree) > MAX_CONDITIONS:
        message = f"there are more than {MAX_CONDITIONS:,} conditions"
        desk.error("language.too_many", message, tree)
        return desk.pile
    condition(desk, Place(subject), tree)
    findings = desk.pile
    if any(isinstance(node, KnownFor) for node in walk(tree)):
        findings = [finding for finding in findings if finding.code != "did.known_for"]
    return sorted(findings, key=lambda finding: finding.span.start if finding.span else 0)
