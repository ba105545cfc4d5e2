"""What the demo tells once everything is imported: tables, an overlap, two explanations."""

import shlex
import sys
from collections.abc import Iterator, Sequence
from math import log1p
from pathlib import Path
from shutil import which

import msgspec
from pyroaring import BitMap
from rich.console import Console, Group
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from lettershop.app import Segment, Workspace
from lettershop.cli.output import number, share, table
from lettershop.cli.views import UNITS, explanation_view, overlap_table
from lettershop.model.clock import DAY, format_instant

MONTH = 30 * DAY
ORDER = ("contact", "people", "account")
BAR = 5
COMPARED = ("vip-letter", "top-100", "spent-1000-eur", "regulars", "commuters", "gone-quiet")
IN = "interested-in-carbon"
OUT = "consumers-in-bulk"
NOW = (
    "lettershop campaign show your-route",
    "lettershop campaign results your-route",
    "lettershop campaign proof your-route",
)
"""When the campaign has been sent."""
AS_OF = (
    "lettershop campaign draft campaigns/your-route.toml",
    "lettershop campaign check your-route",
    "lettershop apply --yes && lettershop up",
)
TRIAL = 'did "Signed In" within last 7 days and region != "Texas"'


class Change(msgspec.Struct, frozen=True):
    """A segment now, and how many entered and left it since a month ago."""

    segment: Segment
    entered: int
    left: int


def changes(workspace: Workspace, as_of: int) -> list[Change]:
    """Of all segments: contacts first, then people in accounts, then accounts."""
    before = {s.name: s.ids for s in workspace.segments(as_of - MONTH)}
    found = [
        Change(s, len(s.ids - before[s.name]), len(before[s.name] - s.ids))
        for s in workspace.segments(as_of)
    ]
    return sorted(found, key=lambda c: (ORDER.index(c.segment.subject), bool(c.segment.partition)))


def tell(workspace: Workspace, as_of: int, found: Sequence[Change], out: Console) -> None:
    by_name = {change.segment.name: change.segment for change in found}
    out.print(Rule(f"segments as of {format_instant(as_of)}", align="left", style="dim"))
    out.print(changes_table(found))
    for line in _proofs(workspace, by_name):
        out.print(Padding(line, (0, 2)))
    out.print()
    out.print(Rule("who is in several", align="left", style="dim"))
    shared = workspace.overlap(COMPARED, as_of)
    out.print(overlap_table(shared, {n: by_name[n].title for n in COMPARED}))
    out.print()
    out.print(Rule("why in, why not", align="left", style="dim"))
    for name, who in examples(by_name):
        out.print(explanation_view(workspace.explain(name, who, as_of)))
        out.print()


def changes_table(found: Sequence[Change]) -> Table:
    right = ("size", "share")
    made = table("name", "sentence", "size", "share", "left · 30 days · entered", right=right)
    made.columns[0].no_wrap = True
    made.columns[4].no_wrap = True
    most = max((max(c.entered, c.left) for c in found), default=0)
    group: tuple[str, str | None] | None = None
    for change in found:
        segment = change.segment
        if group not in (None, (segment.subject, segment.partition)):
            made.add_section()
        group = (segment.subject, segment.partition)
        made.add_row(
            Text(segment.name, style="bold"),
            Text(segment.sentence),
            number(segment.size),
            share(segment.size, segment.universe),
            _bars(change, most),
        )
    return made


def _bars(change: Change, most: int) -> Text:
    """`-12  ██|███  +30`: lengths by logarithm, so that small changes can be seen."""

    def length(count: int) -> int:
        return max(1, round(BAR * log1p(count) / log1p(most))) if count else 0

    left = f"-{change.left}" if change.left else ""
    entered = f"+{change.entered}" if change.entered else ""
    return Text.assemble(
        (f"{left:>5} ", "dim"),
        (f"{'█' * length(change.left):>{BAR}}", "red"),
        ("│", "dim"),
        (f"{'█' * length(change.entered):<{BAR}}", "green"),
        (f" {entered:<5}", "dim"),
    )


def _proofs(workspace: Workspace, by_name: dict[str, Segment]) -> Iterator[Text]:
    """That each partition holds everyone exactly once."""
    for family in workspace.library().partitions:
        members = [by_name[name] for name in family.members]
        union = BitMap.union(*(m.ids for m in members))
        total, universe = sum(m.size for m in members), members[0].universe
        sizes = " + ".join(number(m.size) for m in members)
        unit = UNITS[family.subject]
        proven = total == len(union) == universe
        verdict = "each in exactly one" if proven else "which does not add up"
        yield Text.assemble(
            (f"{family.title or family.name}: ", "bold"),
            f"{sizes} = {number(total)} of {number(universe)} {unit}, {verdict}.",
        )


def examples(by_name: dict[str, Segment]) -> Iterator[tuple[str, str]]:
    """(segment, who): one who is in, one who is nearly in another; nobody when it is empty."""
    for member in by_name[IN].members().head(1):
        yield IN, str(member["user_id"] or member["email"])
    bulk, buyers = by_name[OUT], by_name["first-order"]
    near = [m for m in buyers.members() if m["customer_type"] == "consumer"]
    chosen = next((m for m in near if m["identity"] not in _identities(bulk)), None)
    if chosen is not None:
        yield OUT, str(chosen["user_id"] or chosen["email"])


def _identities(segment: Segment) -> set[str]:
    return {str(member["identity"]) for member in segment.members()}


def next_steps(path: Path, as_of: str | None, who: str) -> Group:
    """Commands that work when copied."""
    at = f" --as-of {as_of}" if as_of else ""
    program = Path(sys.argv[0]).absolute()
    unknown = which("lettershop") is None and program.exists()
    commands = (
        *([f"alias lettershop={shlex.quote(str(program))}"] if unknown else []),
        f"cd {shlex.quote(str(path))}",
        "lettershop catalog",
        f"lettershop segment members vip-letter --limit 5{at}",
        f"lettershop segment explain gone-quiet {shlex.quote(who)}{at}",
        f"lettershop segment sql commuters{at}",
        f"lettershop segment count {shlex.quote(TRIAL)}{at}",
        f"lettershop content preview welcome --as {shlex.quote(who)}",
        f"lettershop content proof welcome new-this-week{at}",
        "$EDITOR segments/behaviour.toml && lettershop segment check",
        *(AS_OF if as_of else NOW),
    )
    lines = [Text(f"  {command}", style="cyan") for command in commands]
    return Group(Text("Try next:", style="bold"), *lines)
