"""`lettershop init`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lettershop.access.users import FIRST_OWNER, ensure_owner, normal_address
from lettershop.app import Workspace
from lettershop.cli.options import JsonOption
from lettershop.cli.output import hint, print_json, show
from lettershop.cli.records import opened_records


def init(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder; made when absent.")],
    email: Annotated[
        str, typer.Option(metavar="EMAIL", help="The first owner, who signs in with it.")
    ] = FIRST_OWNER,
    as_json: JsonOption = False,
) -> None:
    """Make a workspace: settings, a place for definitions and data, and its first owner.

    Prints the owner's password once.

    Examples:

        lettershop init myshop && cd myshop

        lettershop init myshop --email ann@example.com
    """
    owner = normal_address(email)
    folder = Workspace.init(path)
    with opened_records(folder):
        password = ensure_owner(owner)
    if as_json:
        made = {"workspace": str(folder)}
        print_json(made if password is None else made | {"owner": owner, "password": password})
        return
    show(Text.assemble("Workspace ", (str(path), "bold"), " is ready."))
    if password is not None:
        show(Text.assemble("owner: ", (owner, "bold"), "   password: ", (password, "bold")))
        hint("the password is shown this once; lettershop user password makes another")
    hint(f"next: cd {path}, then lettershop import FILE --guess, or lettershop up")
