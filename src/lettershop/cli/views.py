"""What `lettershop segment …` draws: the same for a terminal, a pipe and a page without colours."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from lettershop.app import Overlap
from lettershop.app.answers import Card, MembersAnswer, SegmentAnswer
from lettershop.cli.explained import UNITS as UNITS, explanation_rest
from lettershop.cli.output import number, share, table
from lettershop.planning.explain import Explanation

CELL = 40
"""Characters of a value in a members table."""


def segments_table(segments: Iterable[SegmentAnswer], broken: Mapping[str, str]) -> Table:
    made = table("name", "sentence", "size", "share", right=("size", "share"))
    made.columns[0].style = "bold"
    made.columns[0].min_width = 12
    for segment in segments:
        made.add_row(
            Text(segment.name),
            _marked(segment),
            number(segment.size),
            share(segment.size, segment.universe),
        )
    for name, reason in broken.items():
        made.add_row(Text(name), Text(f"has errors: {reason}", style="red"), "–", "–")
    return made


def _marked(segment: SegmentAnswer) -> Text:
    """The sentence; below it, if the segment is uncertain, the first reason."""
    said = Text(segment.sentence)
    if segment.uncertain:
        said.append(f"\n? uncertain: {segment.uncertain[0].message}", style="yellow")
    return said


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
        ("uncertain", "\n".join(reason.message for reason in segment.uncertain)),
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
    head = Text.assemble(
        (told.who, "bold"),
        " ",
        ("is in", "bold green") if told.member else ("is not in", "bold red"),
        " ",
        (f"“{told.title or told.segment}”", "bold"),
    )
    if told.account:
        head.append(f"  (account {told.account})", style="dim")
    return Group(head, *explanation_rest(told))


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
