"""Events -> lines of text. What separates two lines is written before the second one, so that a
line that Liquid leaves out takes its line break along, and no blank lines pile up.

A tag that decides about whole lines stands on a line of its own and eats the break before it
(`{%- if … %}`); one within a line stays within it.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate, islice, takewhile
from typing import TypeAlias

import msgspec

from lettershop.content.markup.marks import Mark, Marks
from lettershop.content.markup.nesting import Nesting

LOOPS = ("for", "tablerow")
BETWEEN_CELLS = " | "


class Words(msgspec.Struct, frozen=True):
    """Text as it stands in the HTML, entities decoded, with marks of outputs."""

    text: str


class Break(msgspec.Struct, frozen=True):
    """What follows stands on another line: 2 after an empty one. `more`: on top of what is due
    already (`<br><br>`). `prefix`: of that line, `depth` lists in."""

    lines: int
    more: bool = False
    prefix: str = ""
    depth: int = 0


class Cell(msgspec.Struct, frozen=True):
    """A cell of a table of data begins."""


class Tag(msgspec.Struct, frozen=True):
    """A Liquid tag that prints nothing itself."""

    word: str
    mark: Mark


Event: TypeAlias = Words | Break | Cell | Tag


class Frame(msgspec.Struct, frozen=True):
    """State where a block of Liquid began, for each of its branches to begin the same."""

    name: str
    due: int
    prefix: str
    written: bool
    inline: bool


def block_tags(events: Sequence[Event], nesting: Nesting) -> set[int]:
    """The numbers of the tags that decide about whole lines: of blocks that hold a break, or that
    are all there is between two."""
    opened: list[list[int]] = []
    found = set[int]()
    breaks = [0, *accumulate(isinstance(event, Break | Cell) for event in events)]
    for number, event in enumerate(events):
        if not isinstance(event, Tag):
            continue
        if nesting.opens(event.mark):
            opened.append([number])
        elif opened and nesting.ends(event.mark):
            numbers = [*opened.pop(), number]
            alone = edge(events, numbers[0], -1) and edge(events, number, 1)
            if alone or breaks[number] > breaks[numbers[0]]:
                found |= set(numbers)
        elif opened:
            opened[-1].append(number)
    return found


def edge(events: Sequence[Event], number: int, step: int) -> bool:
    """Whether the next thing in that direction is a break, or the end."""
    number += step
    while 0 <= number < len(events):
        event = events[number]
        if not isinstance(event, Words) or event.text.strip():
            return isinstance(event, Break)
        number += step
    return True


def dense(following: Iterable[Event]) -> bool:
    """Whether a loop's rounds follow one another without empty lines: entries of a list, rows."""
    breaks = takewhile(lambda event: isinstance(event, Break), following)
    return max((event.lines for event in breaks if isinstance(event, Break)), default=0) == 1


class Lines:
    """`due`: line breaks that stand before the next words; `written`: whether the line has any;
    `gap`: what stands between these and the next ones."""

    def __init__(self, marks: Marks) -> None:
        self.marks, self.nesting = marks, Nesting(marks.paired)
        self.parts: list[str] = []
        self.frames: list[Frame] = []
        self.due, self.prefix = 0, ""
        self.begun = self.written = False
        self.gap = ""

    def write(self, events: Sequence[Event]) -> str:
        whole = block_tags(events, self.nesting)
        for number, event in enumerate(events):
            match event:
                case Words():
                    self.words(event.text)
                case Break():
                    self.break_line(event)
                case Cell():
                    self.cell()
                case Tag() if number in whole:
                    self.line_tag(event, islice(events, number + 1, None))
                case Tag():
                    self.tag(event)
        text = "".join(self.parts).strip()
        return f"{text}\n" if text else ""

    def words(self, text: str) -> None:
        said = " ".join(text.split())
        if not said or text[0].isspace():
            self.gap = self.gap or " "
        if said:
            self.begin_line()
            self.fill_gap()
            self.parts.append(said)
            self.written, self.gap = True, " " if text[-1].isspace() else ""

    def fill_gap(self) -> None:
        self.parts.append(self.gap if self.written else self.gap.lstrip(" "))
        self.gap = ""

    def begin_line(self) -> None:
        """Writes the breaks that are due, unless nothing stands before them."""
        looping = any(frame.name in LOOPS for frame in self.frames)
        if self.due and (self.begun or looping):
            self.parts.append("\n" * self.due)
        if self.due or not self.begun:
            self.written = False
        if self.prefix:
            self.parts.append(self.prefix)
            self.written = False
        self.due, self.prefix, self.begun = 0, "", True

    def break_line(self, event: Break) -> None:
        if not event.lines:
            return
        self.due = min(2, self.due + 1) if event.more else max(self.due, event.lines)
        self.gap = ""
        if event.prefix:
            self.prefix = "  " * event.depth + event.prefix

    def cell(self) -> None:
        if not self.due and self.written:
            self.gap = self.gap.rstrip(" ") + BETWEEN_CELLS

    # --- tags ------------------------------------------------------------------------------------

    def tag(self, event: Tag) -> None:
        """Within a line; or between lines, where it prints nothing."""
        decides = self.nesting.opens(event.mark) or bool(self.nesting.belongs_to(event.mark))
        if decides and not self.nesting.ends(event.mark) and self.due:
            self.begin_line()
        within = self.written and not self.due
        if within:
            self.fill_gap()
        if decides or within:
            self.parts.append(event.word)
        else:
            self.own_line(event)
        self.gap = ""
        self.nesting.meet(event.mark, None)

    def line_tag(self, event: Tag, following: Iterable[Event]) -> None:
        if self.nesting.opens(event.mark):
            self.begin_frame(event, following)
        else:
            self.go_on(event, self.frames[-1])
        self.gap = ""
        self.nesting.meet(event.mark, None)

    def begin_frame(self, event: Tag, following: Iterable[Event]) -> None:
        inline = self.begun and not self.due and self.written
        trimmed = not inline
        if inline:
            self.fill_gap()
        if event.mark.name in LOOPS and self.due == 2 and dense(following):
            # The empty line before the first round is none between the rounds.
            self.parts.append("\n" if self.begun else "")
            self.due, trimmed = 1, False
        self.frames.append(Frame(event.mark.name, self.due, self.prefix, self.begun, inline))
        self.own_line(event, trimmed)

    def go_on(self, event: Tag, frame: Frame) -> None:
        """At the end of a branch: the next one begins as this one did."""
        if frame.inline and self.due:
            self.parts.append("\n" * self.due)
            self.due = 0
        if self.nesting.ends(event.mark):
            self.frames.pop()
            self.begun = True
        else:
            self.due, self.prefix, self.begun = frame.due, frame.prefix, frame.written
        self.own_line(event, trimmed=not frame.inline)

    def own_line(self, event: Tag, trimmed: bool = True) -> None:
        """The tag on a line of its own, which eats the break before it."""
        inside = re.sub(r"^\{%-?\s*|\s*-?%\}$", "", event.mark.text)
        dash = "-" if trimmed and self.parts else ""
        text = f"{{%{dash} {inside} %}}"
        word = self.marks.add(msgspec.structs.replace(event.mark, text=text))
        self.parts += ["\n" if dash else "", word]
