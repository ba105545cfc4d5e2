"""What one letter may use up. Whoever passes a limit gets a finding, in milliseconds.

A letter is some kilobytes with a few dozen loop rounds: these limits are a hundred times that, and
a thousand times less than what would hurt.
"""

from liquid.exceptions import ResourceLimitError

SOURCE = 300_000
"""Characters of a part before rendering; mail programs clip letters beyond 102 kB anyway."""
TAGS = 2_000
"""Tags and outputs of a part."""
BLANKS = 200
"""Blanks at the beginning of a tag: the lexer is quadratic in them."""
EXPRESSION = 1_000
"""Characters within one tag: the expression lexer is quadratic in some of them."""
BRACKETS = 20
"""Brackets within one tag: each is a level of recursion."""
NESTING = 30
"""Blocks within blocks."""
OUTPUT = 1_000_000
"""Characters of a rendered part."""
ROUNDS = 10_000
"""Loop rounds of a part, and elements of a list or range."""
TEXT = 200_000
"""Characters of a value that a filter makes."""
STEPS = 300_000
"""Loop rounds times what is within the loop: nodes, filters, comparisons."""
WORK = 1_000_000
"""Characters that the filters of a part make together; an element of a list is ten."""
BITS = 256
"""Size of whole numbers; decimals have their exponent within ±EXPONENT."""
EXPONENT = 60


class TooMuch(ResourceLimitError):
    """A limit of this file was passed."""


def too_much(what: str) -> TooMuch:
    return TooMuch(what, token=None)
