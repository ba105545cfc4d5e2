"""A Liquid block ends where it began: in the same element, the same attribute.

`{% if vip %}<div class="gold">{% else %}<div>{% endif %}` has one `</div>` for two `<div>`s: as
text that is fine, but no parser that inlines styles can make a tree of it.
"""

import msgspec

from lettershop.content.markup.marks import Mark, Marks
from lettershop.content.markup.report import Report

BETWEEN = ("else", "elsif", "elseif", "when", "default")


class Opened(msgspec.Struct, frozen=True, eq=False):
    """A block that is open. `place`: the element or attribute that its tag stands in."""

    mark: Mark
    place: object


class Nesting:
    """`paired`: the names of tags that have an end."""

    def __init__(self, paired: frozenset[str]) -> None:
        self.paired = paired
        self.open: list[Opened] = []

    def opens(self, mark: Mark) -> bool:
        return mark.kind == "tag" and mark.name in self.paired

    def ends(self, mark: Mark) -> bool:
        return (
            mark.kind == "tag"
            and mark.name.removeprefix("end") in self.paired
            and (mark.name.startswith("end"))
        )

    def belongs_to(self, mark: Mark) -> Opened | None:
        """The block that a tag divides or ends, None of other tags."""
        if mark.kind != "tag" or not self.open:
            return None
        if mark.name in BETWEEN:
            return self.open[-1]
        name = mark.name[3:] if mark.name.startswith("end") else ""
        return next((block for block in reversed(self.open) if block.mark.name == name), None)

    def meet(self, mark: Mark, place: object) -> Opened | None:
        """Goes past a mark. The block that it divides or ends, if that began in another place."""
        if self.opens(mark):
            self.open.append(Opened(mark, place))
            return None
        block = self.belongs_to(mark)
        if block is None:
            return None
        if self.ends(mark):
            del self.open[self.open.index(block) :]
        elif block.place is not place:
            self.open[-1] = Opened(block.mark, place)
        return block if block.place is not place else None


def crossed(block: Opened, mark: Mark) -> str:
    return (
        f"`{short(mark.text)}` stands in another element or attribute than the "
        f"`{short(block.mark.text)}` it belongs to"
    )


CROSSED_HINT = (
    "let every part between these tags open and close its own elements; "
    'what differs in one tag goes into an attribute: class="{% if … %}a{% else %}b{% endif %}"'
)


def short(text: str, most: int = 40) -> str:
    """A piece of Liquid as it can be quoted in a sentence."""
    text = " ".join(text.split())
    return text if len(text) <= most else f"{text[: most - 1]}…"


def watch(text: str, marks: Marks, outer: Nesting, report: Report, at: int) -> None:
    """Blocks in something that holds no elements must begin and end in it. `at`: where the text
    stands; `outer`: what is open around it, for ends that belong there."""
    inner = Nesting(outer.paired)
    places: dict[int, int] = {}
    for found in marks.pattern.finditer(text):
        mark, place = marks.of(found.group())[0], at + found.start()
        places[mark.start] = place
        block = inner.belongs_to(mark)
        if block is None and (outside := outer.belongs_to(mark)):
            message = crossed(outside, mark)
            report.say("markup.crossed", message, place, len(found.group()), hint=CROSSED_HINT)
        inner.meet(mark, inner)
    for block in inner.open:
        message = f"`{short(block.mark.text)}` does not end in the attribute or style it begins in"
        report.say("markup.crossed", message, places[block.mark.start], hint=CROSSED_HINT)
