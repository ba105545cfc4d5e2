"""The server as a program of its own, which takes this process over: all that it needs would slow
down every other command."""

import os
import sys
from pathlib import Path
from typing import NoReturn


def become(kind: str, workspace: Path | None, **options: object) -> NoReturn:
    """`kind`: up, loader or web. Options without a value are left out."""
    said = {f"--{name.replace('_', '-')}": value for name, value in options.items()}
    given = [f"{name}={value}" for name, value in said.items() if value not in ("", None)]
    sys.stdout.flush()
    program = [sys.executable, "-m", "lettershop.up", f"--as={kind}", *given]
    os.execv(sys.executable, [*program, str(workspace or Path())])  # noqa: S606  (no shell: that is the point)
