"""`lettershop version`."""

import duckdb
from rich.text import Text

from lettershop import __version__
from lettershop.cli.options import JsonOption
from lettershop.cli.output import print_json, show


def version(as_json: JsonOption = False) -> None:
    """Print the version of lettershop and of the engine in it.

    Examples:

        lettershop version
    """
    if as_json:
        print_json({"lettershop": __version__, "duckdb": duckdb.__version__})
    else:
        show(Text(f"lettershop {__version__}, duckdb {duckdb.__version__}"))
