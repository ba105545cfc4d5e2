"""What `lettershop plan` and its kin draw."""

from collections import Counter
from collections.abc import Iterator
from difflib import ndiff

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lettershop.app.plans import Change, Kind, Mover, Plan, TemplateChange
from lettershop.app.proving import ProofAnswer
from lettershop.cli.output import number, table
from lettershop.cli.views import UNITS

SIGNS: dict[Kind, tuple[str, str]] = {
    "new": ("+", "green"),
    "changed": ("~", "yellow"),
    "moved": ("»", "cyan"),
    "described": ("·", "dim"),
    "removed": ("-", "red"),
}
WORDS: dict[Kind, str] = {
    "new": "new",
    "changed": "changed",
    "moved": "moves along",
    "described": "other words",
    "removed": "removed",
}

DIFF_STYLES = (("--- ", "bold"), ("+++ ", "bold"), ("@@", "cyan"), ("-", "red"), ("+", "green"))
"""What a line of a unified diff begins with, the longer ones first."""


def plan_view(plan: Plan) -> Group:
    """Every change with its counts, its text and some of those who move; then the sum."""
    parts: list[RenderableType] = []
    for change in plan.changes:
        parts += [_head(change), *(Padding(part, (0, 4)) for part in _details(change))]
    if plan.partitions:
        parts.append(Text(f"Partitions that switch as a whole: {', '.join(plan.partitions)}"))
    for letter in plan.templates:
        shown = diff_view(letter.diff) if letter.kind == "changed" else _files(letter)
        parts += [_letter_head(letter), Padding(shown, (0, 4))]
    return Group(*parts, _sum(plan))


def _head(change: Change) -> Text:
    sign, style = SIGNS[change.kind]
    line = Text.assemble((f"{sign} ", style), (change.name, "bold"), f"  {WORDS[change.kind]}")
    if change.what:
        line.append(f" ({', '.join(change.what)})", style="dim")
    if change.before is not None and change.after is not None:
        line.append(f"  {number(change.before)} → {number(change.after)}")
        line.append(f"  +{number(change.entering)} −{number(change.leaving)}", style="dim")
    elif change.after is not None:
        line.append(f"  {number(change.after)} of {number(change.universe)}")
        line.append(f" {UNITS[change.subject]}", style="dim")
    elif change.before is not None:
        line.append(f"  {number(change.before)} → nobody")
    if change.guarded:
        line.append("  needs an explicit yes", style="bold red")
    return line


def _details(change: Change) -> Iterator[RenderableType]:
    if change.kind == "changed" and change.text_before != change.text_after:
        yield from _text_diff(change.text_before, change.text_after)
    if change.kind != "new":
        yield from (_mover("enters", mover) for mover in change.enters)
    yield from (_mover("leaves", mover) for mover in change.leaves)


def _letter_head(change: TemplateChange) -> Text:
    sign, style = SIGNS[change.kind]
    line = Text.assemble((f"{sign} ", style), "template ", (change.name, "bold"))
    line.append(f"  {WORDS[change.kind]}")
    if change.languages:
        line.append(f" (also in {', '.join(change.languages)})", style="dim")
    return line.append(f"  {change.subject}", style="italic")


def _files(change: TemplateChange) -> Text:
    return Text("\n".join(f"content/{path}" for path in change.files), style="dim")


def diff_view(diff: str) -> Text:
    """A unified diff in colours."""
    text = Text()
    for line in diff.splitlines():
        style = next((style for sign, style in DIFF_STYLES if line.startswith(sign)), "dim")
        text.append(f"{line}\n", style=style)
    text.rstrip()
    return text


def _text_diff(before: str, after: str) -> Iterator[Text]:
    styles = {"- ": "red", "+ ": "green", "  ": "dim"}
    for line in ndiff(before.splitlines(), after.splitlines()):
        if line[:2] in styles:
            yield Text(line, style=styles[line[:2]])


def _mover(verb: str, mover: Mover) -> Text:
    line = Text.assemble((f"{verb} ", "dim"), mover.who)
    if mover.account:
        line.append(f" ({mover.account})", style="dim")
    told = [
        f"{'' if reason.truth else 'not: '}{reason.sentence}"
        + (f" (found: {reason.found})" if reason.found else "")
        for reason in mover.reasons
    ]
    return line.append(f"  {'; '.join(told)}", style="dim")


def _sum(plan: Plan) -> Text:
    counts: Counter[str] = Counter(change.kind for change in plan.changes)
    told = [f"{number(counts[kind])} {word}" for kind, word in WORDS.items() if counts[kind]]
    told.append(f"{number(len(plan.unchanged))} unchanged")
    line = Text("; ".join(told) + ".")
    if plan.templates or plan.templates_unchanged:
        letters: Counter[str] = Counter(change.kind for change in plan.templates)
        told = [f"{number(letters[kind])} {word}" for kind, word in WORDS.items() if letters[kind]]
        told.append(f"{number(len(plan.templates_unchanged))} unchanged")
        line.append(f"\nTemplates: {'; '.join(told)}.")
    kept = (*plan.kept, *(f"template {name}" for name in plan.templates_kept))
    if kept:
        told_kept = ", ".join(kept)
        line.append(f"\nNot in the folder, and kept (--prune removes them): {told_kept}", "dim")
    return line


def proof_view(answer: ProofAnswer) -> Group:
    """Every segment of the partition, and whether it holds."""
    proof = answer.proof
    made: Table = table(
        "segment",
        "fit its own condition",
        "held by an earlier one",
        "size",
        right=("fit its own condition", "held by an earlier one", "size"),
    )
    for share in proof.shares:
        last = " (catch-all)" if share.name == proof.catch_all else ""
        name = Text.assemble(share.name, (last, "dim"))
        pins = f", {number(share.pinned)} by hand" if share.pinned else ""
        made.add_row(
            name, number(share.matches), number(share.earlier), f"{number(share.size)}{pins}"
        )
    unit = UNITS[proof.subject]
    total = f"{number(proof.total)} in all segments, {number(proof.universe)} {unit} there are"
    faults = [
        f"{number(count)} {what}"
        for count, what in (
            (proof.overlap, "in two or more"),
            (proof.missing, "in none"),
            (proof.strangers, "who should be in none"),
            (proof.misplaced, "elsewhere than the first match"),
        )
        if count
    ]
    verdict = (
        Text("It holds: everybody is in exactly one, and nobody in two.", style="bold green")
        if proof.holds
        else Text(f"It does not hold: {', '.join(faults)}.", style="bold red")
    )
    basis = "what is kept current" if answer.basis == "kept" else "a full evaluation"
    note = f"as of {answer.as_of}, from {basis} of what is {_origin(answer)}"
    return Group(made, Text(total), verdict, Text(note, style="dim"))


def _origin(answer: ProofAnswer) -> str:
    return "published" if answer.origin == "published" else "in the folder"
