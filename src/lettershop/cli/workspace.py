"""`lettershop init` and `lettershop version`."""

from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.text import Text

from lettershop import __version__
from lettershop.app import Workspace
from lettershop.cli.doors import JsonOption
from lettershop.cli.output import hint, print_json, show


def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder; made when absent.")],
    as_json: JsonOption = False,
) -> None:
    """Make a workspace: a folder with settings, a place for definitions and one for data.

    Examples:

        lettershop init myshop && cd myshop
    """
    folder = Workspace.init(path)
    if as_json:
        print_json({"workspace": str(folder)})
        return
    show(Text.assemble("Workspace ", (str(path), "bold"), " is ready."))
    hint("next: lettershop import FILE --guess")


def version(as_json: JsonOption = False) -> None:
    """Print the version of lettershop and of the engine in it.

    Examples:

        lettershop version
    """
    if as_json:
        print_json({"lettershop": __version__, "duckdb": duckdb.__version__})
    else:
        show(Text(f"lettershop {__version__}, duckdb {duckdb.__version__}"))
