"""`lettershop content text`: the text part of a letter, to be read, and to be written by hand."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lettershop.app.templates import read_folder
from lettershop.app.workspace import Workspace
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, print_json, show
from lettershop.content.folder import CONTENT
from lettershop.content.languages import language_tag
from lettershop.content.markup.page import make_page
from lettershop.content.template import Template, Variant
from lettershop.language.tables import nearest
from lettershop.model.errors import DefinitionError, NotFound, UsageError


def text(
    name: Annotated[str, typer.Argument(help="The template's name.", metavar="NAME")],
    language: Annotated[
        str, typer.Option("--language", metavar="TAG", help="Of this variant, as de or pt-BR.")
    ] = "",
    write: Annotated[
        bool, typer.Option("--write", help="Write it beside the letter, to be edited there.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the text part of a letter as it is derived from the HTML, with its Liquid.

    With --write it becomes a file of its own, content/NAME.txt, which is used from then on instead
    of a derived one.

    Examples:

        lettershop content text spring/offer

        lettershop content text spring/offer --language de --write
    """
    folder = Workspace.find(workspace or Path())
    template = read_folder(folder).named(name)
    variant = variant_in(template, language)
    said = _text(template, variant)
    path = _write(folder, template, variant, said) if write else None
    if as_json:
        shown = None if path is None else str(path)
        print_json({"template": name, "language": variant.language, "text": said, "file": shown})
    elif path is not None:
        show(Text.assemble((str(path), "bold"), " is the text part from now on"))
    else:
        sys.stdout.write(said if said.endswith("\n") else f"{said}\n")
        if variant.text is not None:
            hint(f"as it is written in {variant.text_source}")


def variant_in(template: Template, language: str) -> Variant:
    """The variant of just that language; NotFound `template.no_variant`."""
    tag = language_tag(language) if language else ""
    found = next((v for v in template.variants if v.language == tag), None)
    if found is None:
        there = [variant.language for variant in template.variants if variant.language]
        near = nearest(language, there)
        hint_ = f"did you mean “{near}”?" if near else f"there are: default, {', '.join(there)}"
        message = f"“{template.name}” is not written in “{language}”"
        raise NotFound("template.no_variant", message, hint=hint_)
    return found


def _text(template: Template, variant: Variant) -> str:
    page = make_page(template, variant)
    if any(finding.level == "error" for finding in page.findings):
        raise DefinitionError([*page.findings])
    return page.text


def _write(folder: Path, template: Template, variant: Variant, said: str) -> Path:
    ending = f".{variant.language}.txt" if variant.language else ".txt"
    path = CONTENT / f"{template.name}{ending}"
    if variant.text is not None or (folder / path).exists():
        hint_ = "edit it there, or remove it first"
        message = "the text part is written already"
        raise UsageError("template.text_exists", message, where=str(path), hint=hint_)
    (folder / path).write_text(said if said.endswith("\n") else f"{said}\n", "utf-8", newline="\n")
    return path
