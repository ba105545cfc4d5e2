"""The program behind `lettershop up`, `loader` and `web`: `python -m lettershop.up [options]
WORKSPACE`."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lettershop.cli.output import print_error
from lettershop.model.errors import LettershopError
from lettershop.web.edge import serve_edge
from lettershop.web.leader import serve_loader
from lettershop.web.up import LEVELS, serve

BROKEN = 70
"""EX_SOFTWARE: for whoever watches over the process to start it again."""
KINDS: Final[Mapping[str, Callable[[Path, str | None, int | None, str], bool]]] = {
    "up": serve,
    "loader": serve_loader,
    "web": serve_edge,
}


def main() -> int:
    """The exit code."""
    arguments = argparse.ArgumentParser(prog="lettershop up", description=__doc__)
    arguments.add_argument("workspace", type=Path)
    arguments.add_argument("--as", dest="kind", default="up", choices=sorted(KINDS))
    arguments.add_argument("--host")
    arguments.add_argument("--port", type=int)
    arguments.add_argument("--log-level", default="info", choices=LEVELS)
    asked = arguments.parse_args()
    try:
        sound = KINDS[asked.kind](asked.workspace, asked.host, asked.port, asked.log_level)
    except LettershopError as error:
        print_error(error, as_json=False)
        return error.exit_code
    return 0 if sound else BROKEN


if __name__ == "__main__":
    sys.exit(main())
