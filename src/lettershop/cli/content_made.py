"""What `lettershop content show` draws of the letters that a template becomes."""

from collections.abc import Iterator

from rich.console import Group
from rich.table import Table
from rich.text import Text

from lettershop.cli.content_views import policy_words
from lettershop.cli.output import table
from lettershop.content.letter import Block, Read
from lettershop.content.making import Made


def reads_of(made: Made) -> list[Read]:
    """The variables of all languages together, by name; guarded where they are so in all."""
    found: dict[str, Read] = {}
    for read in (read for letter in made.letters for read in letter.reads):
        known = found.get(read.name)
        guarded = read.guarded and (known is None or known.guarded)
        lines = tuple(sorted({*read.lines, *(known.lines if known else ())}))
        found[read.name] = Read(path=read.path, guarded=guarded, lines=lines)
    return [found[name] for name in sorted(found)]


def blocks_of(made: Made) -> list[Block]:
    """The dynamic blocks of all languages together."""
    return [*dict.fromkeys(block for letter in made.letters for block in letter.blocks)]


def made_view(made: Made) -> Group:
    """Variables that are read, and what is shown to whom."""
    return Group(*_tables(made))


def _tables(made: Made) -> Iterator[Table]:
    reads, blocks = reads_of(made), blocks_of(made)
    if reads:
        read = table("variable", "where it is missing", "lines", title="variables")
        for one in reads:
            lines = ", ".join(str(line) for line in one.lines)
            read.add_row(Text(one.name, "bold"), _missing(one, made), lines)
        yield read
    if blocks:
        shown = table("block", "shown", "to", title="dynamic blocks")
        for block in blocks:
            for number, condition in enumerate(block.conditions, 1):
                name = Text(block.name if number == 1 else "", "bold")
                shown.add_row(name, str(number), Text(" ".join(condition.split())))
            if not block.conditions:
                shown.add_row(Text(block.name, "bold"), "", "everybody, or hidden as a whole")
        yield shown


def _missing(read: Read, made: Made) -> Text:
    policies = made.template.variants[0].missing
    whole = ".".join(read.path[:1])
    policy = policies.get(read.name) or policies.get(whole)
    if policy is not None:
        return Text(policy_words(policy))
    if read.guarded:
        return Text("is seen to in the letter", "dim")
    return Text("an error: it must be there", "yellow")
