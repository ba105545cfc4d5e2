"""What the demo tells of letters: one letter, rendered for everybody it would go to."""

from collections.abc import Iterator

from rich.console import Console
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from lettershop.cli.output import number, share, table
from lettershop.content.proof.said import Counts, LetterProofAnswer, Proved

SHOWN = 4
"""Classes told, those with the most people."""


def tell(proof: LetterProofAnswer | None, out: Console) -> None:
    """Nothing where nobody would get the letter."""
    if proof is None or proof.proved is None:
        return
    out.print(Rule("a letter, proved before it leaves", align="left", style="dim"))
    for line in _sums(proof, proof.proved.counts):
        out.print(Padding(line, (0, 2)))
    out.print(_classes(proof.proved))
    for line in _verdict(proof, proof.proved):
        out.print(Padding(line, (0, 2)))
    out.print()


def _sums(proof: LetterProofAnswer, counts: Counts) -> Iterator[Text]:
    yield Text.assemble(
        ("content/", "dim"),
        (proof.template, "bold"),
        f" for everybody in {proof.segment}: {number(counts.letters)} letters, ",
        f"{number(counts.skipped)} skipped, {number(counts.broken)} broken.",
    )
    yield Text(
        f"All were rendered, in {counts.seconds:.1f} seconds; nothing was sent. "
        f"They are of {number(counts.classes)} kinds:"
    )


def _classes(proved: Proved) -> Table:
    made = table("people", "share", "what is so in their letter", "as for", right=("people",))
    for one in proved.classes[:SHOWN]:
        words = "; ".join(one.words) or "everything as usual"
        told = Text.assemble((f"[{one.language}] " if one.language else "", "cyan"), words)
        part = share(one.count, proved.counts.done)
        made.add_row(number(one.count), part, told, Text(one.examples[0], style="dim"))
    return made


def _verdict(proof: LetterProofAnswer, proved: Proved) -> Iterator[Text]:
    for one in proved.findings:
        yield Text.assemble((one.level, "yellow"), f" {one.message}")
    for skip in proved.skips:
        yield Text.assemble((f"{number(skip.count)} get no letter: ", "yellow"), skip.reason)
    if proof.locked:
        yield Text(f"Sending stays locked: {proof.locked}.", style="bold red")
    else:
        yield Text(
            "Nobody gets an empty place: nothing stands in the way of sending.", "bold green"
        )
