"""What a new template begins as: files of this folder, in the order of `STARTERS`.

They are sound letters: the lint has nothing to say of them but what only their author knows.
"""

from importlib.resources import files
from typing import Final

STARTERS: Final = ("plain", "newsletter", "blank")


def starter(kind: str) -> str:
    """The text of a file; KeyError for what is none of STARTERS."""
    if kind not in STARTERS:
        raise KeyError(kind)
    return (files("lettershop.content.starters") / f"{kind}.mjml").read_text("utf-8")
