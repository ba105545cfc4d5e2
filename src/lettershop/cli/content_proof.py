"""`lettershop content test`: golden files beside what the templates make of them now."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from lettershop.app.templates import read_folder
from lettershop.app.typeset import typeset
from lettershop.app.workspace import Workspace
from lettershop.cli.content_proof_views import tested_view
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, number, print_json, say, show
from lettershop.content.folder import CONTENT
from lettershop.content.letter import Letter
from lettershop.content.proof.golden.comparing import Compared
from lettershop.content.proof.golden.suite import all_compared, updated
from lettershop.content.template import Template


def golden(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="NAME", help="Templates whose letters are compared; default: all."),
    ] = None,
    update: Annotated[
        bool, typer.Option("--update", help="Write what is so now into the golden files.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Render the golden letters again and compare them: no data, no server, made for CI.

    Golden files are kept by `lettershop content proof NAME SEGMENT --keep`, below content/golden/.
    Ends with 1 when a letter has changed and with 4 when a template is broken. `--update` takes
    over what has changed; look at it with git before you commit it.

    Examples:

        lettershop content test

        lettershop content test spring/offer --update

        lettershop content test --json
    """
    folder = Workspace.find(workspace or Path())
    found = all_compared(folder / CONTENT, read_folder(folder), _letters, names or ())
    changed = [one for one in found if one.state != "same"]
    left = updated(folder / CONTENT, found) if update else changed
    if as_json:
        print_json(_record(found, updated=update))
    elif found:
        show(tested_view(found))
    else:
        hint("no golden letters yet: lettershop content proof NAME SEGMENT --keep")
    if update and not as_json and len(changed) > len(left):
        say(f"{number(len(changed) - len(left))} taken over", style="green")
    if left:
        raise Failed(1)


def _letters(template: Template) -> Mapping[str, Letter]:
    return typeset(template).letters


def _record(found: Sequence[Compared], *, updated: bool) -> dict[str, object]:
    told = [msgspec.to_builtins(msgspec.structs.replace(one, now=None)) for one in found]
    for one in told:
        del one["now"]
    same = sum(one.state == "same" for one in found)
    return {"letters": len(found), "same": same, "updated": updated, "results": told}
