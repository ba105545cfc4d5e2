"""What a proof counts while it runs, for the letters of one language."""

from collections import Counter

import msgspec

from lettershop.content.letter import Broken, Letter, Rendered, Result, Skipped
from lettershop.content.proof.checks import Checks, Fault
from lettershop.content.proof.noticed import UNTOLD, Case, Notices, as_finding, name
from lettershop.content.proof.said import Fate, Sample
from lettershop.content.proof.wording import set_bits

OF_CLASS = 2
"""People of a class who are named."""


class Room:
    """So many classes are told one by one, of all languages together."""

    def __init__(self, most: int) -> None:
        self.most, self.taken = most, 0

    def take(self) -> bool:
        free = self.taken < self.most
        self.taken += free
        return free


class ClassTally(msgspec.Struct):
    """`marked`: a mark was found in one of its letters, so that all are searched for them."""

    number: int
    fate: Fate
    reason: str
    outcomes: int
    count: int = 0
    examples: list[str] = msgspec.field(default_factory=list)
    sample: Sample | None = None
    marked: bool = False


class Sizes(msgspec.Struct):
    """Bytes of the HTML of all letters and of the largest."""

    total: int = 0
    largest: int = 0
    largest_who: str = ""


class Tally:
    """Every recipient is in exactly one of `classes`, or counted in `untold`."""

    def __init__(self, letter: Letter, room: Room) -> None:
        self.letter, self._room, self._checks = letter, room, Checks(letter)
        self.classes: dict[tuple[Fate, str, int], ClassTally] = {}
        self.untold: Counter[Fate] = Counter()
        self.untold_bits: Counter[int] = Counter()
        self.skips: dict[str, list[str]] = {}
        self.skip_counts: Counter[str] = Counter()
        self.notices, self.sizes = Notices(letter), Sizes()
        self._empty = tuple(
            (1 << bit, Fault("letter.empty_loop", one.name))
            for bit, one in enumerate(letter.outcomes)
            if one.kind == "loop" and one.result == "0"
        )
        self._any_empty = sum(bit for bit, _ in self._empty)

    def add(self, case: Case) -> None:
        """Render somebody's letter and count what became of it."""
        match self._render(case):
            case Rendered() as made:
                self._letter(made, case, self._class("letter", "", made.outcomes, case))
            case Skipped(reason, outcomes):
                self._class("skipped", reason, outcomes, case)
                self.skip_counts[reason] += 1
                name(self.skips.setdefault(reason, []), case.who)
            case Broken(findings, outcomes):
                known = self._class("broken", "", outcomes, case)
                self.notices.broken(findings, case, known.number if known else UNTOLD)

    def _render(self, case: Case) -> Result:
        """A letter that raises all the same must not cost the others their proof."""
        try:
            return self.letter.render(case.values, case.shown)
        except Exception as error:
            fault = Fault("letter.crashed", type(error).__name__)
            return Broken((as_finding(fault, self.letter),), 0)

    def _class(self, fate: Fate, reason: str, outcomes: int, case: Case) -> ClassTally | None:
        """Somebody's class, with them counted; None when it is not told."""
        known = self.classes.get((fate, reason, outcomes))
        if known is None:
            if not self._room.take():
                self.untold[fate] += 1
                self.untold_bits.update(set_bits(outcomes))
                return None
            known = ClassTally(self._room.taken, fate, reason, outcomes)
            self.classes[fate, reason, outcomes] = known
            language = self.letter.variant.language
            known.sample = Sample(case.who.identity, language, case.values, case.shown)
        known.count += 1
        if known.count <= OF_CLASS:
            known.examples.append(case.who.identity)
        return known

    def _letter(self, made: Rendered, case: Case, known: ClassTally | None) -> None:
        size = len(made.html) if made.html.isascii() else len(made.html.encode())
        sizes = self.sizes
        sizes.total += size
        if size > sizes.largest:
            sizes.largest, sizes.largest_who = size, case.who.identity
        closely = known is None or known.count == 1 or known.marked
        faults = [*self._checks.of(made, case.values, size, closely=closely)]
        if made.outcomes & self._any_empty:
            faults += dict.fromkeys(f for bit, f in self._empty if made.outcomes & bit)
        if not faults:
            return
        if known is not None:
            known.marked |= any(fault.code == "letter.mark" for fault in faults)
        for fault in faults:
            self.notices.fault(fault, case, known.number if known else UNTOLD)
