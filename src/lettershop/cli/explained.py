"""How an explanation looks below its first line: conditions, times, and what would change it."""

from collections.abc import Iterator
from itertools import pairwise

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lettershop.planning.explain import Explanation, Line, Since, Upcoming
from lettershop.planning.nearest import Step, Way

UNITS = {"contact": "contacts", "account": "accounts", "people": "people in accounts"}
_CAUSES = {
    "event": "an event",
    "time": "time going by",
    "trait": "a trait",
    "definition": "the definition",
    "merge": "a merge",
    "manual": "a pin",
    "import": "an import",
}
_EFFORTS = {
    "event": "",
    "change": "",
    "others": "  (hangs on others)",
    "waiting": "  (only by waiting)",
    "impossible": "  (cannot happen)",
}


def explanation_rest(told: Explanation) -> Iterator[RenderableType]:
    """Everything but who is in or not."""
    if not told.in_universe:
        kind = UNITS[told.subject]
        yield Text(f"  not one of the live {kind} known at that moment", style="dim")
        return
    yield from (Padding(note, (0, 2)) for note in _deciders(told))
    yield Padding(_conditions(told.lines), (0, 2))
    note = "◂ decides: what would have to change to change the answer"
    yield Padding(Text(note, style="dim"), (0, 2))
    yield Padding(_course(told), (1, 2, 0, 2))
    for reason in told.uncertain:
        yield Padding(Text(f"? uncertain: {reason}", style="yellow"), (0, 2))


def _deciders(told: Explanation) -> Iterator[Text]:
    """What has a say besides the rule."""
    if told.pin is not None:
        how = "put in" if told.pin.include else "kept out"
        until = f", until {told.pin.until}" if told.pin.until else ""
        said = f"{how} by hand by {told.pin.by}{until}: {told.pin.reason}"
        yield Text(said, style="bold")
    elif told.decided_by == "mode" and told.member:
        yield Text(f"was in before, and {told.mode.replace('_', '-')} segments keep", style="bold")
    elif told.decided_by == "mode":
        yield Text("was not in when this static segment was computed", style="bold")
    if told.taken_by:
        yield Text(f"the earlier segment “{told.taken_by}” of the partition is theirs")


def _conditions(lines: tuple[Line, ...]) -> Table:
    rows = Table.grid(padding=(0, 1))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold", ratio=3)
    rows.add_column(overflow="fold", style="dim", ratio=1)
    depths = [*(line.depth for line in lines), 0]
    for line, (depth, following) in zip(lines, pairwise(depths), strict=True):
        rows.add_row(*_explained(line, leaf=following <= depth))
    return rows


def _explained(line: Line, *, leaf: bool) -> tuple[Text, Padding, Text]:
    sign = Text("✓" if line.truth else "✗", style="green" if line.truth else "red")
    said = Text(line.sentence, style="" if line.decides and leaf else "dim")
    if line.decides and leaf:
        said.append(" ◂", style="cyan")
    indented = Padding(said, (0, 0, 0, 2 * line.depth))
    return sign, indented, Text(f"found: {line.found}" if line.found else "")


def _course(told: Explanation) -> Table:
    """Since when, until when, and the nearest change, as labelled lines."""
    rows = Table.grid(padding=(0, 2))
    rows.add_column(no_wrap=True, style="dim")
    rows.add_column(overflow="fold")
    if told.since is not None:
        label = "in since" if told.member else "not in since"
        rows.add_row(label if told.since.at else "since", _since(told.since))
    if told.upcoming is not None:
        enters = told.upcoming.enters
        rows.add_row("will enter" if enters else "will leave", _upcoming(told.upcoming))
    for number, way in enumerate(told.nearest):
        label = "nearest change" if number == 0 else "or"
        rows.add_row(label, _way(way))
    return rows


def _since(since: Since) -> Text:
    cause = f"by {_CAUSES.get(since.cause, since.cause)}" if since.cause else ""
    return Text("  ".join(part for part in (since.at, cause, since.note) if part))


def _upcoming(upcoming: Upcoming) -> Text:
    if upcoming.at is None:
        return Text(upcoming.note)
    said = Text(f"{upcoming.at}  if nothing happens")
    for one in upcoming.because:
        turned = "becomes true" if one.truth else "is no longer true"
        said.append(f"\n{one.sentence} – {turned}", style="dim")
    return said


def _way(way: Way) -> Text:
    return Text("\nand ", style="dim").join(_step(step) for step in way.steps)


def _step(step: Step) -> Text:
    said = Text(step.need)
    if step.segment:
        said.append(f"  (for “{step.segment}”)", style="dim")
    return said.append(_EFFORTS[step.effort], style="dim")
