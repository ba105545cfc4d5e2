"""What `lettershop campaign` draws."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from lettershop.app.campaigning.answers import CampaignAnswer, Figures, Working
from lettershop.campaigns.said import Check, FreezeReport, PreflightReport
from lettershop.campaigns.states import Stage, State
from lettershop.cli.output import console, number, share, table

STATES: dict[State, str] = {
    "draft": "",
    "checked": "cyan",
    "approved": "cyan",
    "sending": "bold green",
    "paused": "bold yellow",
    "aborted": "red",
    "done": "green",
}
STAGES: dict[Stage, str] = {
    "": "",
    "freezing": "the audience is frozen",
    "checking": "preflight looks at every letter",
    "holding": "held, to change one's mind",
    "canary": "the canary is out",
    "all": "to everybody",
}
LEVELS = {"block": ("blocks", "bold red"), "warn": ("warns", "yellow"), "watch": ("watched", "dim")}


@contextmanager
def checking(*, shown: bool) -> Iterator[Callable[[Working], None]]:
    """A bar on stderr, gone afterwards."""
    err = console(stderr=True)
    if not (shown and err.is_terminal):
        yield lambda working: None
        return
    columns = (TextColumn("{task.description:<24}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("checking", total=None)

        def tell(working: Working) -> None:
            total = working.total or None
            bar.update(task, description=working.what, completed=working.done, total=total)

        yield tell


def line(found: CampaignAnswer) -> Text:
    """State and stage."""
    said = found.state if not found.stage else f"{found.state} ({found.stage})"
    said = "draft, being checked" if found.checking and found.state == "draft" else said
    return Text(said, style=STATES[found.state])


def headline(found: CampaignAnswer) -> str:
    """State, how far it is, and why, in one line."""
    parts = [line(found).plain]
    if found.figures and found.state in ("sending", "paused", "done"):
        one = found.figures
        parts.append(f"{number(one.accepted)} of {number(_to_send(one))} accepted")
        if one.per_second and found.state == "sending":
            parts.append(f"{one.per_second:,.1f} a second")
    if found.state == "approved" and found.start_at:
        parts.append(f"starts at {found.start_at}")
    if found.stage == "holding" and found.hold_until:
        parts.append(f"leaves at {found.hold_until}")
    if found.reason:
        parts.append(found.reason)
    return ", ".join(parts)


def campaign_view(found: CampaignAnswer, *, moves: bool = True) -> Group:
    parts: list[RenderableType] = [
        Text.assemble((found.name, "bold"), f"  {found.title}  ", line(found))
    ]
    parts += [Text(f"  {said}") for said in _said(found)]
    if found.problem:
        parts.append(Text(f"  {found.problem}", style="red"))
    if found.alarm:
        parts.append(Text(f"  after the end: {found.alarm}", style="bold red"))
    if found.freeze is not None and not found.figures:
        parts.append(freeze_view(found.freeze))
    if found.comparison is not None:
        style = "" if found.comparison.enough else "yellow"
        parts.append(Text(f"  Comparison: {found.comparison.said}.", style=style))
    if found.figures is not None:
        parts.append(_figures(found.figures))
    if found.preflight is not None:
        parts += preflight_view(found.name, found.preflight)
    if moves and found.moves:
        made = table("when", "what", "who", "why")
        for one in found.moves:
            made.add_row(one.at, one.move, one.by, one.reason)
        parts.append(made)
    return Group(*parts)


def freeze_view(found: FreezeReport) -> RenderableType:
    made = table("", "letters", "share", right=("letters", "share"))
    made.add_row(Text("audience", style="bold"), number(found.audience), "")
    for why, count in sorted(found.rows.items(), key=lambda one: (one[0] != "", -one[1])):
        named = f"  {why}" if why else "  get a letter"
        made.add_row(named, number(count), share(count, found.audience))
    for name, count in found.variants.items():
        if name:
            made.add_row(f"  variant {name}", number(count), share(count, found.letters))
    return made


def preflight_view(name: str, report: PreflightReport) -> Iterator[RenderableType]:
    """What does not hold, with what to do; then the sum."""
    blocking = {id(one) for one in report.blocking}
    for one in report.checks:
        if one.held == "fails":
            yield from _check(name, one, report, blocks=id(one) in blocking)
    counts = {held: sum(one.held == held for one in report.checks) for held in _HELD}
    told = ", ".join(f"{number(counts[held])} {word}" for held, word in _HELD.items())
    style = "bold red" if blocking else "bold green"
    head = "Something is in the way" if blocking else "Nothing is in the way"
    yield Text(f"{head}: {told}; {number(report.messages)} letters looked at", style=style)


_HELD = {"holds": "rules hold", "fails": "do not", "not_asked": "not asked"}


def _check(
    name: str, one: Check, report: PreflightReport, *, blocks: bool
) -> Iterator[RenderableType]:
    word, style = LEVELS[one.level]
    yield Text.assemble((f"{one.rule} ", "bold"), (word, style), f"  {one.title}: {one.said}")
    accepted = report.accepted.get(one.key)
    if accepted:
        yield Padding(Text(f"accepted: {accepted}", style="green"), (0, 4))
    elif one.fix:
        yield Padding(Text.assemble(("try: ", "green"), one.fix), (0, 4))
    if one.examples:
        yield Padding(Text(f"such as {', '.join(one.examples)}", style="dim"), (0, 4))
    if blocks and one.level == "warn":
        command = f"lettershop campaign accept {name} {one.key} --reason …"
        yield Padding(Text(f"or say that it is meant: {command}", style="dim"), (0, 4))


def _said(found: CampaignAnswer) -> Iterator[str]:
    if found.stage:
        yield STAGES[found.stage]
    if found.reason:
        yield found.reason
    if found.state == "approved" and found.start_at:
        yield f"starts at {found.start_at}"
    if found.stage == "holding" and found.hold_until:
        yield f"leaves at {found.hold_until}; until then: lettershop campaign undo {found.name}"
    if found.stage == "canary" and found.state == "sending":
        yield f"the others go with: lettershop campaign go {found.name}"


def _figures(one: Figures) -> RenderableType:
    made = table("", "messages", "share", "", right=("messages", "share"))
    made.add_row(Text("planned", style="bold"), number(one.planned), "", "")
    for name in ("accepted", "refused", "suppressed", "failed", "unknown"):
        count = getattr(one, name)
        why = _why(one) if name == "suppressed" else ""
        made.add_row(f"  {name}", number(count), share(count, one.planned), why)
    rate = f"{one.per_second:,.1f} a second" if one.per_second else ""
    until = f", until {one.ends_at}" if one.ends_at else ""
    made.add_row("  still open", number(one.open), share(one.open, one.planned), rate + until)
    if one.waiting:
        made.add_row("    wait for the canary", number(one.waiting), "", "")
    return made


def _why(one: Figures) -> str:
    said = sorted(one.suppressed_by.items(), key=lambda pair: -pair[1])
    return "\n".join(f"{number(count)} {reason}" for reason, count in said)


def _to_send(one: Figures) -> int:
    return one.planned - one.suppressed
