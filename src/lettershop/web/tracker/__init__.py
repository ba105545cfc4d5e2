"""The script tag: what it measures is in `lettershop.js`; `collector/script.py` serves it.

It is served without comments and spare spaces, and packed: 4 KB plain, 2 KB on the wire. A
tool that also renamed what is in it would save little more and would have to be trusted.
"""

import gzip
import re
from hashlib import sha256
from pathlib import Path

_TEXT = re.compile(r"""("(?:[^"\\]|\\.)*"|`[^`]*`)""")
_LEAST = (
    (r"(?m)^\s*//.*\n", ""),  # comments have lines of their own
    (r"(?m)^\s+", ""),
    (r" *([{}()\[\]=+:,;?&|<>*!]) *", r"\1"),
    (r"(?<=[;{},(\[=?:&|])\n|\n(?=[})\]?:&|])", ""),
)


def squeeze(script: str) -> str:
    """The same script without comments and spaces it can do without; texts stay as they are."""
    parts = _TEXT.split(re.sub(*_LEAST[0], script))
    for pattern, by in _LEAST[1:]:
        parts[::2] = (re.sub(pattern, by, part) for part in parts[::2])
    return "".join(parts)


SCRIPT = squeeze(Path(__file__).with_name("lettershop.js").read_text("utf-8")).encode()
"""As it is served."""
PACKED = gzip.compress(SCRIPT, mtime=0)
TAG = f'"{sha256(SCRIPT).hexdigest()[:16]}"'.encode()
"""What a browser that has it shows (ETag)."""
