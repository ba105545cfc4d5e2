"""Forms of dates as PHP writes them -> as Liquid writes them.

Source: PHP manual, DateTimeInterface::format; Liquid's `date` takes what strftime takes.
"""

LETTERS = {
    "d": "%d", "j": "%-d", "D": "%a", "l": "%A", "N": "%u", "w": "%w", "W": "%V",
    "m": "%m", "n": "%-m", "M": "%b", "F": "%B", "Y": "%Y", "y": "%y", "o": "%G",
    "a": "%P", "A": "%p", "g": "%-I", "G": "%-H", "h": "%I", "H": "%H", "i": "%M", "s": "%S",
    "T": "%Z", "O": "%z", "%": "%%",
}  # fmt: skip
WITHOUT = frozenset("SztLBuveIPpZcrUX")
"""Letters that mean something in PHP and have no counterpart."""


def strftime(php: str) -> str | None:
    """`d.m.Y` -> `%d.%m.%Y`; None where a letter has no counterpart."""
    said, letters = [], iter(php)
    for letter in letters:
        if letter == "\\":
            said.append(next(letters, "\\").replace("%", "%%"))
        elif letter in WITHOUT:
            return None
        else:
            said.append(LETTERS.get(letter, letter))
    return "".join(said)
