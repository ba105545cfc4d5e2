"""`30s`, `10m`, `4h`, `1d` as seconds."""

import re
from typing import Final

SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
_SHAPE: Final = re.compile(r"([0-9]{1,6})([smhd])")


def seconds(text: str) -> int:
    """ValueError for anything else."""
    found = _SHAPE.fullmatch(text)
    if found is None:
        raise ValueError(f"“{text}” is not a duration such as 30s, 10m, 4h")
    return int(found[1]) * SECONDS[found[2]]
