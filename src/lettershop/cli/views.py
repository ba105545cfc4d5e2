"""What `lettershop segment …` draws: the same for a terminal, a pipe and a page without colours."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lettershop.app import Overlap
from lettershop.app.answers import Card, MembersAnswer, SegmentAnswer
from lettershop.cli.output import number, share, table
from lettershop.planning.explain import Explanation, Line

UNITS = {"contact": "contacts", "account": "accounts", "people": "people in accounts"}
CELL = 40
"""Characters of a value in a members table."""


def segments_table(segments: Iterable[SegmentAnswer], broken: Mapping[str, str]) -> Table:
    made = table("name", "sentence", "size", "share", right=("size", "share"))
    made.columns[0].style = "bold"
    made.columns[0].min_width = 12
    for segment in segments:
        made.add_row(
            Text(segment.name),
            Text(segment.sentence),
            number(segment.size),
            share(segment.size, segment.universe),
        )
    for name, reason in broken.items():
        made.add_row(Text(name), Text(f"has errors: {reason}", style="red"), "–", "–")
    return made


def segment_card(card: Card) -> Group:
    """Everything about one segment."""
    segment = card.segment
    rows = table("", "")
    rows.box = None
    rows.show_header = False
    rows.columns[0].style = "dim"
    unit = UNITS[segment.subject]
    size = f"{number(segment.size)} of {number(segment.universe)} {unit}"
    facts = [
        ("name", segment.name),
        ("description", segment.description.strip()),
        ("sentence", segment.sentence),
        ("text", segment.text),
        ("size", f"{size} ({share(segment.size, segment.universe)})"),
        ("as of", segment.as_of),
        ("mode", segment.mode),
        ("refers to", ", ".join(segment.references)),
        ("file", segment.source),
    ]
    for label, value in facts:
        if value:
            rows.add_row(label, Text(value))
    title = Text(segment.title or segment.name, style="bold")
    parts: list[Text | Padding | Table] = [title, Padding(rows, (0, 1))]
    if card.neighbours:
        parts.append(Text())
        parts.append(
            Text(f"Partition “{segment.partition}”: the first that fits, so each is in one")
        )
        parts.append(_neighbours(card))
    return Group(*parts)


def _neighbours(card: Card) -> Table:
    made = table("", "name", "size", "share", right=("size", "share"))
    for other in card.neighbours:
        here = other.name == card.segment.name
        made.add_row(
            "▸" if here else "",
            Text(other.name, style="bold" if here else ""),
            number(other.size),
            share(other.size, card.segment.universe),
        )
    return made


def members_table(found: MembersAnswer, columns: Sequence[str]) -> Table:
    made = table(*columns)
    for row in found.members:
        made.add_row(*(Text(_cell(row[column])) for column in columns))
    return made


def member_columns(found: MembersAnswer, limit: int = 6) -> list[str]:
    """The columns that fit beside each other: who they are, then the first traits."""
    skipped = {"identity"} if "user_id" in found.columns else set()
    return [c for c in found.columns if c not in skipped][:limit]


def _cell(value: object) -> str:
    match value:
        case None:
            return "–"
        case float() if value.is_integer():
            text = f"{int(value)}"
        case list():
            text = ", ".join(map(str, value))
        case _:
            text = str(value)
    return text if len(text) <= CELL else text[: CELL - 1] + "…"


def explanation_view(told: Explanation) -> Group:
    """The sentence taken apart; what decides stands out."""
    verdict = "is in" if told.member else "is not in"
    head = Text.assemble(
        (told.who, "bold"),
        " ",
        (verdict, "bold green" if told.member else "bold red"),
        " ",
        (f"“{told.title or told.segment}”", "bold"),
    )
    if told.account:
        head.append(f"  (account {told.account})", style="dim")
    if not told.in_universe:
        kind = UNITS[told.subject]
        return Group(head, Text(f"  not one of the live {kind} known at that moment", style="dim"))
    rows = Table.grid(padding=(0, 1))
    rows.add_column(no_wrap=True)
    rows.add_column(overflow="fold", ratio=3)
    rows.add_column(overflow="fold", style="dim", ratio=1)
    deeper = [*(line.depth for line in told.lines[1:]), 0]
    for line, next_depth in zip(told.lines, deeper, strict=True):
        rows.add_row(*_explained(line, leaf=next_depth <= line.depth))
    note = Text("◂ decides: what would have to change to change the answer", style="dim")
    return Group(head, Padding(rows, (0, 2)), Padding(note, (0, 2)))


def _explained(line: Line, *, leaf: bool) -> tuple[Text, Padding, Text]:
    sign = Text("✓" if line.truth else "✗", style="green" if line.truth else "red")
    said = Text(line.sentence, style="" if line.decides and leaf else "dim")
    if line.decides and leaf:
        said.append(" ◂", style="cyan")
    indented = Padding(said, (0, 0, 0, 2 * line.depth))
    return sign, indented, Text(f"found: {line.found}" if line.found else "")


def overlap_table(found: Overlap, titles: Mapping[str, str]) -> Group:
    """Counts of shared members, columns lettered so that many fit."""
    columns = [chr(ord("A") + n) for n in range(len(found.names))]
    made = table("", "segment", *columns, right=columns)
    for n, name in enumerate(found.names):
        cells = [
            Text(number(count), style="bold" if n == m else "dim" if count == 0 else "")
            for m, count in enumerate(found.matrix[n])
        ]
        made.add_row(columns[n], Text(titles.get(name) or name), *cells)
    note = Text(
        "Each number counts those in both; the diagonal is the segment itself.", style="dim"
    )
    return Group(made, Padding(note, (0, 2)))
