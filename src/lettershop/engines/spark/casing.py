"""Lower case as `model.values.fold` has it, character by character, whatever the engine's Unicode.

Java and Rust know newer scripts than Python does, write a final sigma otherwise and take İ apart.
So their `lower` is for texts in ASCII alone; all others are translated by a table of all capitals.
"""

from functools import cache
from typing import Final

from sqlglot import exp

from lettershop.model.values import fold

_END: Final = 0x20000
"""No script above has capitals."""


@cache
def capitals() -> dict[str, str]:
    """Every character that has a lower case, and it: one character each."""
    return {one: fold(one) for one in map(chr, range(_END)) if one.lower() != one}


def lowered(text: exp.Expr) -> exp.Expr:
    """The text in lower case. It says `text` several times, so let that be cheap."""
    ascii_only = exp.EQ(
        this=exp.Anonymous(this="octet_length", expressions=[text.copy()]),
        expression=exp.Anonymous(this="char_length", expressions=[text.copy()]),
    )
    table = [exp.Literal.string("".join(part)) for part in (capitals(), capitals().values())]
    translated = exp.Anonymous(this="translate", expressions=[text.copy(), *table])
    return (
        exp.Case().when(ascii_only, exp.Lower(this=text), copy=False).else_(translated, copy=False)
    )
