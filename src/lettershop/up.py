"""The program behind `lettershop up`: `python -m lettershop.up [options] WORKSPACE`."""

import argparse
import sys
from pathlib import Path

from lettershop.cli.output import print_error
from lettershop.model.errors import LettershopError
from lettershop.web.up import LEVELS, serve

BROKEN = 70
"""EX_SOFTWARE: for whoever watches over the process to start it again."""


def main() -> int:
    """The exit code."""
    arguments = argparse.ArgumentParser(prog="lettershop up", description=__doc__)
    arguments.add_argument("workspace", type=Path)
    arguments.add_argument("--host")
    arguments.add_argument("--port", type=int)
    arguments.add_argument("--log-level", default="info", choices=LEVELS)
    asked = arguments.parse_args()
    try:
        sound = serve(asked.workspace, asked.host, asked.port, asked.log_level)
    except LettershopError as error:
        print_error(error, as_json=False)
        return error.exit_code
    return 0 if sound else BROKEN


if __name__ == "__main__":
    sys.exit(main())
