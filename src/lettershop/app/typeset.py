"""A template made ready in all its languages, and an audience's values on their way into it."""

from collections.abc import Callable, Sequence

import msgspec

from lettershop.content.letter import Block, Letter, Page, Read
from lettershop.content.liquid.compiled import CompiledLetter
from lettershop.content.making import made as made_of, make_letters
from lettershop.content.proof.runner import Feed
from lettershop.content.template import Template
from lettershop.content.values.source import Source
from lettershop.model.errors import DefinitionError


class Typeset(msgspec.Struct, frozen=True, eq=False):
    """`letters`: by language, the default one first under "". `blocks`: of all languages together,
    in the order in which an audience is asked for them."""

    template: Template
    letters: dict[str, CompiledLetter]
    blocks: tuple[Block, ...]

    def reads(self) -> list[Read]:
        """Of all languages together."""
        return [read for letter in self.letters.values() for read in letter.reads]

    def letter(self, language: str | None) -> CompiledLetter:
        """That of somebody's language."""
        return self.letters[self.template.variant(language).language]

    def shown(self, letter: Letter, row: Sequence[int]) -> Sequence[int]:
        """What of an audience's row is said of this letter's blocks."""
        if letter.blocks == self.blocks:
            return row
        return [row[self.blocks.index(block)] for block in letter.blocks]


def typeset(template: Template, worked: Callable[[Page], Page] | None = None) -> Typeset:
    """DefinitionError with everything that is wrong with it. `worked`: what else is done to each
    page once (tracking: mark_page)."""
    made = made_of(template) if worked is None else make_letters(template, worked)
    if not made.sound:
        raise DefinitionError([*made.findings])
    blocks = (block for letter in made.letters for block in letter.blocks)
    letters = {letter.variant.language: letter for letter in made.letters}
    return Typeset(template, letters, tuple(dict.fromkeys(blocks)))


def fed(ready: Typeset, source: Source) -> Feed:
    """Everybody of an audience with their values and what they see in the letter they get."""
    for chunk in source.chunks():
        place = chunk.recipients[0].place if chunk.recipients else 0
        rows = source.audience.shown[place : place + len(chunk.recipients)].tolist()
        for who, values, row in zip(chunk.recipients, chunk.values, rows, strict=True):
            yield who, values, ready.shown(ready.letter(who.language), row)
