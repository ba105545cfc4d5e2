"""What `lettershop content proof` and `content test` draw."""

import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from lettershop.cli.output import LEVEL_STYLE, console, number, share, table
from lettershop.cli.plan_views import diff_view
from lettershop.content.proof.golden.comparing import Compared, State
from lettershop.content.proof.said import (
    Counts,
    LetterClassAnswer,
    LetterFindingAnswer,
    LetterProofAnswer,
    Proved,
)

ROWS = 15
"""Classes shown, those with the most people; --json has them all."""
STATES: dict[State, tuple[str, str]] = {
    "same": ("as it was", "green"),
    "changed": ("changed", "yellow"),
    "broken": ("broken", "bold red"),
    "gone": ("gone", "red"),
}


@contextmanager
def proving(*, shown: bool) -> Iterator[tuple[Callable[[int], None], Callable[[int], None]]]:
    """A bar on stderr with letters per second, gone afterwards: told how many there are, then how
    many are done."""
    err = console(stderr=True)
    if not (shown and err.is_terminal):
        yield (lambda total: None), (lambda done: None)
        return
    begun = time.monotonic()
    columns = (TextColumn("{task.description:<24}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("gathering", total=None)

        def begin(total: int) -> None:
            nonlocal begun
            begun = time.monotonic()
            bar.update(task, total=total, description="rendering")

        def tell(done: int) -> None:
            rate = done / max(time.monotonic() - begun, 1e-3)
            bar.update(task, completed=done, description=f"{rate:,.0f} letters/s")

        yield begin, tell


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether somebody has pressed Ctrl-C: the first asks to stop with what there is, the second
    stops at once."""
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    asked = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield asked.is_set
    finally:
        signal.signal(signal.SIGINT, before)


def letter_proof_view(answer: LetterProofAnswer) -> Group:
    """Numbers, classes, who is skipped, findings, and what to do next."""
    parts: list[RenderableType] = [_head(answer)]
    if answer.counts is not None:
        parts.append(_counts(answer.counts))
    if answer.proved is not None:
        parts += _classes(answer.proved)
        parts += _skips(answer.proved)
        parts += [part for one in answer.proved.findings for part in _finding(one, answer)]
    return Group(*parts, Text(""), *_next(answer))


def tested_view(compared: Sequence[Compared]) -> Group:
    """What is not as it was, with its difference; then the sum."""
    parts: list[RenderableType] = []
    for one in compared:
        word, style = STATES[one.state]
        if one.state != "same":
            head = Text.assemble(
                (f"{one.template} ", "bold"), (word, style), (f"  {one.id}", "dim")
            )
            parts.append(head)
            parts.append(Padding(Text("; ".join(one.about), style="dim"), (0, 4)))
            parts += [Padding(Text(problem), (0, 4)) for problem in one.problems]
            parts += [Padding(diff_view(one.diff), (0, 4))] if one.diff else []
    counts = {state: sum(one.state == state for one in compared) for state in STATES}
    told = [f"{number(n)} {STATES[state][0]}" for state, n in counts.items() if n]
    fine = counts["same"] == len(compared)
    style = "bold green" if fine else "bold red"
    parts.append(Text(f"{number(len(compared))} golden letters: {', '.join(told)}", style=style))
    return Group(*parts)


def _head(answer: LetterProofAnswer) -> Text:
    version = f" (version {answer.segment_version})" if answer.segment_version else ""
    whom = f"{answer.segment}{version}" if answer.segment else "a condition"
    head = Text.assemble((answer.template, "bold"), f" for {whom}, as of {answer.as_of}")
    return head.append(f"  proof {answer.id}", style="dim")


def _counts(counts: Counts) -> Text:
    told = [f"{number(counts.letters)} letters"]
    told += [f"{number(counts.skipped)} skipped"] if counts.skipped else []
    told += [f"{number(counts.broken)} broken"] if counts.broken else []
    rate = counts.done / counts.seconds if counts.seconds else 0.0
    line = f"{_people(counts.done)} of {number(counts.total)}: {', '.join(told)}"
    size = f"; {counts.seconds:.1f} s, {rate:,.0f} letters/s"
    if counts.letters:
        size += f"; HTML {_kb(counts.mean)} on average, {_kb(counts.largest)} at most"
    return Text(line).append(size, style="dim")


def _classes(proved: Proved) -> Iterator[RenderableType]:
    if proved.common:
        yield Text.assemble(("In every letter: ", "bold"), "; ".join(proved.common))
    made = table("class", "people", "share", "what is so", "for example", right=("people", "share"))
    for one in proved.classes[:ROWS]:
        part = share(one.count, proved.counts.done)
        example = Text(one.examples[0], style="dim")
        made.add_row(one.id, number(one.count), part, _words(one), example)
    if proved.classes:
        yield made
    rest = sum(one.count for one in proved.classes[ROWS:])
    if rest:
        more = len(proved.classes) - ROWS
        yield Text(f"and {number(more)} more classes with {_people(rest)}", style="dim")
    if proved.counts.beyond:
        told = f"There are more classes than the {number(proved.counts.classes)} told one by one:"
        verb = "is" if proved.counts.beyond == 1 else "are"
        people = f"{_people(proved.counts.beyond)} {verb} in others."
        yield Text(f"{told} {people}", style="yellow")


def _words(one: LetterClassAnswer) -> Text:
    text = Text(f"[{one.language}] " if one.language else "", style="cyan")
    match one.fate:
        case "letter":
            pass
        case "skipped":
            text.append("no letter; ", style="yellow")
        case "broken":
            text.append("broken; ", style="bold red")
    return text.append("; ".join(one.words) or "everything as usual", style="none")


def _skips(proved: Proved) -> Iterator[RenderableType]:
    for skip in proved.skips:
        verb = "gets" if skip.count == 1 else "get"
        line = Text.assemble((f"{_people(skip.count)} {verb} no letter: ", "yellow"), skip.reason)
        yield line.append(f"  such as {', '.join(skip.examples)}", style="dim")


def _finding(one: LetterFindingAnswer, answer: LetterProofAnswer) -> Iterator[RenderableType]:
    place = f"{one.source}:{one.line}:{one.column}: " if one.line else ""
    line = Text(place, style="bold").append(one.level, style=LEVEL_STYLE[one.level])
    line.append(f" {one.code}: ", style="dim").append(one.message, style="none")
    if one.language:
        line.append(f" [{one.language}]", style="cyan")
    yield line
    said = next((accepted for accepted in answer.accepted if accepted.key == one.key), None)
    if said is not None:
        yield Padding(Text(f"accepted by {said.by}: {said.reason}", style="green"), (0, 4))
    else:
        yield Padding(Text.assemble(("try: ", "green"), one.hint), (0, 4))
    told = [f"key {one.key}", f"such as {', '.join(one.examples)}"]
    if one.all_accounts > 1:
        names = ", ".join(f"{account.name} {number(account.count)}" for account in one.accounts)
        told.append(f"in {number(one.all_accounts)} accounts: {names}")
    yield Padding(Text("; ".join(told), style="dim"), (0, 4))


def _next(answer: LetterProofAnswer) -> Iterator[Text]:
    if not answer.locked:
        yield Text("Proved: nothing stands in the way of sending.", style="bold green")
        return
    yield Text(f"Locked: {answer.locked}.", style="bold red")
    if answer.problem:
        yield Text(answer.problem)
    found = answer.proved.findings if answer.proved else ()
    warning = next((f for f in found if f.level == "warning" and f.key in answer.open), None)
    if warning is not None:
        command = f"lettershop content accept {answer.id} {warning.key} --reason …"
        yield Text(f"What is meant can be accepted: {command}", style="dim")


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _kb(size: int) -> str:
    return f"{size / 1024:,.0f} kB" if size >= 1024 else f"{size} bytes"
