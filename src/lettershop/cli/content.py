"""`lettershop content …`: templates as files, checked, and beside what is in force.

Commands of other files are registered on `app` in main.py.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lettershop.app.template_answers import TemplateVersionAnswer
from lettershop.app.templates import TemplateListing, check_templates, listed, read_folder
from lettershop.app.templating import file_diff
from lettershop.app.workspace import Workspace
from lettershop.cli.content_made import blocks_of, made_view, reads_of
from lettershop.cli.content_views import listing_view, template_view
from lettershop.cli.doors import opened
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import (
    console,
    hint,
    number,
    print_findings,
    print_json,
    say,
    show,
    table,
)
from lettershop.cli.plan_views import diff_view
from lettershop.cli.register import Register, opened_register
from lettershop.content.assembling import name_of
from lettershop.content.folder import CONTENT, template_files
from lettershop.content.making import make_letters
from lettershop.model.errors import DefinitionError, NotFound

app = typer.Typer(
    no_args_is_help=True, help="Letters: templates as files, checked, versioned, proven."
)

Name = Annotated[
    str,
    typer.Argument(help="The template's name: its path below content/.", metavar="NAME"),
]


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List all templates: those of the folder, and those in force.

    Examples:

        lettershop content list

        lettershop content list --json
    """
    folder = Workspace.find(workspace or Path())
    with opened_register(workspace, as_json=as_json) as register:
        found: TemplateListing = listed(read_folder(folder), register.templates())
    if as_json:
        print_json(found)
    elif found.templates or found.broken:
        show(listing_view(found))
    else:
        hint("no templates yet: write content/NAME.mjml")


@app.command("show")
def show_(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show what a template of the folder says: languages, data, variables, dynamic blocks.

    Examples:

        lettershop content show spring/offer
    """
    template = read_folder(Workspace.find(workspace or Path())).named(name)
    made = make_letters(template)
    if as_json:
        print_json({"template": template, "reads": reads_of(made), "blocks": blocks_of(made)})
        return
    show(template_view(template), made_view(made))
    if not made.sound:
        hint("not all of it can be made: lettershop content check says why")


@app.command()
def check(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say everything that is wrong with the templates: file, line, column, what to try.

    Ends with exit code 4 when there is an error, with 0 when there are only warnings or less.

    Examples:

        lettershop content check

        lettershop content check --json
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        shelf = check_templates(shop.path, shop.catalog())
    errors = sum(finding.level == "error" for finding in shelf.findings)
    if as_json:
        print_json({"errors": errors, "findings": shelf.findings})
    else:
        print_findings(shelf.findings, console())
        said = f"{number(errors)} error{'s' * (errors != 1)}" if errors else "no errors"
        count = len(shelf.templates) + len(shelf.broken)
        style = "bold red" if errors else "green"
        say(f"{said} in {number(count)} template{'s' * (count != 1)}", style=style)
    if errors:
        raise Failed(DefinitionError.exit_code)


@app.command()
def versions(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List the versions of a template, the newest first.

    Examples:

        lettershop content versions spring/offer
    """
    with opened_register(workspace, as_json=as_json) as register:
        found: Sequence[TemplateVersionAnswer] = register.template_versions(name)
    if as_json:
        print_json({"versions": found})
        return
    made = table("version", "state", "files", "by", "published", "note", right=("version",))
    for one in found:
        cells = (Text("\n".join(one.paths)), Text(one.author), one.published_at, Text(one.note))
        made.add_row(number(one.number), one.state, *cells)
    show(made)


@app.command()
def diff(
    name: Name,
    version: Annotated[
        int | None,
        typer.Argument(
            metavar="VERSION",
            min=0,
            max=2**31 - 1,
            help="Compare with this version; default: the one in force.",
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a template's files differ from those of a version.

    Examples:

        lettershop content diff spring/offer

        lettershop content diff spring/offer 2 --json
    """
    content = template_files(Workspace.find(workspace or Path()) / CONTENT)
    here = {path: text for path, text in content.items() if name_of(path) == name}
    with opened_register(workspace, as_json=as_json) as register:
        compared = _in_force(register, name, here) if version is None else version
        before = register.template_version(name, compared).files if compared else {}
    found = file_diff(before, here)
    if as_json:
        print_json({"template": name, "version": compared, "diff": found})
    elif found:
        show(diff_view(found))
    else:
        say(f"the folder says what version {compared} says", style="green")


def _in_force(register: Register, name: str, here: dict[str, str]) -> int | None:
    """The number of the version in force; None: there is none, but there are files."""
    found = next((t.version for t in register.templates() if t.name == name), None)
    if found is None and not here:
        message = f"“{name}” is neither in the folder nor in force"
        raise NotFound("template.unknown", message, hint="lettershop content list shows them all")
    return found
