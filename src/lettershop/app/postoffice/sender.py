"""A sender process as the server starts it: `python -m lettershop.app.postoffice.sender FOLDER`.
The same as `lettershop sender`, without all the other commands, which take a second to load."""

import sys
from pathlib import Path

from lettershop.app.logs import configure_logs
from lettershop.app.sending.process import send_out
from lettershop.model.errors import LettershopError


def main() -> int:
    """The exit code."""
    configure_logs("info")
    try:
        return send_out(Path(sys.argv[1]))
    except LettershopError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main())
