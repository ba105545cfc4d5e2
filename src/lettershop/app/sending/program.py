"""A sender process as the server starts it: `python -m lettershop.app.sending.program WORKSPACE`.
The same as `lettershop sender`, without what only other commands need."""

import argparse
import sys
from pathlib import Path

from lettershop.app.logs import configure_logs
from lettershop.app.sending.process import send_out
from lettershop.model.errors import LettershopError


def command(folder: Path, log_level: str = "info") -> list[str]:
    """By this Python."""
    return [sys.executable, "-m", __name__, "--log-level", log_level, str(folder)]


def main() -> int:
    """The exit code."""
    arguments = argparse.ArgumentParser(prog="lettershop sender", description=__doc__)
    arguments.add_argument("workspace", type=Path)
    arguments.add_argument("--log-level", default="info")
    asked = arguments.parse_args()
    configure_logs(asked.log_level)
    try:
        return send_out(asked.workspace)
    except LettershopError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
