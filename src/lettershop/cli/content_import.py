"""`lettershop content import`: a letter of another tool becomes a template of ours."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, get_args

import typer
from rich.text import Text

from lettershop.app.templates import check_templates
from lettershop.app.workspace import Workspace
from lettershop.cli.doors import opened
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
from lettershop.content.folder import CONTENT, LIMIT
from lettershop.content.importers.draft import Vendor
from lettershop.content.importers.letters import Imported, import_letter, read_foreign
from lettershop.content.policies import bad_variable
from lettershop.model.errors import DefinitionError, Finding, UsageError

VENDORS: tuple[Vendor, ...] = get_args(Vendor)
LETTERS = (".mjml", ".html")


def import_(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE", help="The letter: HTML, MJML, or the JSON the tool's API answers with."
        ),
    ],
    vendor: Annotated[
        str, typer.Option("--from", metavar="TOOL", help=f"One of {', '.join(VENDORS)}.")
    ],
    name: Annotated[
        str, typer.Option("--name", help="The template's name; default: that of the file.")
    ] = "",
    subject: Annotated[
        str, typer.Option("--subject", help="The subject, with the tool's own tags.")
    ] = "",
    preheader: Annotated[
        str, typer.Option("--preheader", help="The preheader, with the tool's own tags.")
    ] = "",
    event: Annotated[
        str, typer.Option("--event", help="The event that starts the letter (Braze).")
    ] = "",
    field: Annotated[
        list[str] | None,
        typer.Option(
            "--field", metavar="THEIRS=OURS", help="What a field is called here; repeatable."
        ),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Write over a letter that is there.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Translate a letter of Braze, Mautic, Mailchimp or HubSpot, and write it to content/.

    Nothing is dropped silently: what has no translation stays in its place as {% untranslated %},
    which `content check` refuses. Ends with 0 even so, and with 4 when FILE holds no letter.

    Examples:

        lettershop content import welcome.html --from mailchimp

        lettershop content import offer.json --from braze --name spring/offer --event "Order Placed"

        lettershop content import news.html --from mautic --field tier=account.plan --json
    """
    known = _vendor(vendor)
    folder = Workspace.find(workspace or Path())
    foreign = read_foreign(_read(file), file.name)
    found = import_letter(
        foreign,
        known,
        _name(name, file),
        fields=_fields(field or ()),
        event=event,
        subject=subject,
        preheader=preheader,
    )
    _write(folder / CONTENT, found.files, force=force)
    checked = _checked(folder, found, as_json=as_json)
    if as_json:
        files = [str(CONTENT / path) for path in found.files]
        print_json({**_record(found), "files": files, "check": checked})
    else:
        _tell(found, checked)


def _vendor(said: str) -> Vendor:
    found = next((vendor for vendor in VENDORS if vendor == said.lower()), None)
    if found is None:
        raise UsageError("usage", f"“{said}” is not one of {', '.join(VENDORS)}", where="--from")
    return found


def _read(file: Path) -> str:
    """DefinitionError `import.unreadable`."""
    try:
        if file.stat().st_size > LIMIT:
            raise _unreadable(file, "the file is larger than 1 MB")
        return file.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        hint = "save the file as UTF-8"
        raise _unreadable(file, f"is not UTF-8 text (byte {error.start})", hint) from error
    except OSError as error:
        raise _unreadable(file, f"cannot be read: {error.strerror}") from error


def _unreadable(file: Path, message: str, hint: str = "") -> DefinitionError:
    return DefinitionError([Finding("import.unreadable", message, hint=hint, source=str(file))])


def _name(said: str, file: Path) -> str:
    """A name that stays within content/. UsageError."""
    if not said:
        return re.sub(r"[^\w]+", "-", file.name.partition(".")[0].lower()).strip("-") or "letter"
    parts = said.split("/")
    if any(not part.strip() or "." in part or "\\" in part for part in parts):
        message = "a name is words with “/” between them, without dots"
        raise UsageError("import.name", message, where="--name", hint="spring/offer")
    return said


def _fields(said: Sequence[str]) -> dict[str, str]:
    """Their field -> our variable. UsageError."""
    found: dict[str, str] = {}
    for one in said:
        theirs, sign, ours = (part.strip() for part in one.partition("="))
        if not theirs or not sign or not ours or bad_variable(ours):
            hint = "--field tier=account.plan"
            raise UsageError(
                "import.field", f"“{one}” names no variable", where="--field", hint=hint
            )
        found[theirs] = ours
    return found


def _write(content: Path, files: Mapping[str, str], *, force: bool) -> None:
    """All files, or UsageError `import.exists`."""
    for path in files:
        file = PurePosixPath(path)
        twins = [file.with_suffix(s) for s in LETTERS] if file.suffix in LETTERS else [file]
        for twin in (twin for twin in twins if (content / twin).exists()):
            if not force or twin != file:
                tip = "remove it first" if twin != file else "--force writes over it"
                where = str(CONTENT / twin)
                message = "there is such a letter already"
                raise UsageError("import.exists", message, where=where, hint=tip)
    for path, said in files.items():
        (content / path).parent.mkdir(parents=True, exist_ok=True)
        (content / path).write_text(said, "utf-8", newline="\n")


def _checked(folder: Path, found: Imported, *, as_json: bool) -> list[Finding]:
    """What `content check` says of the files now."""
    with opened(folder, as_json=as_json, say_age=False) as (shop, _):
        shelf = check_templates(shop.path, shop.catalog())
    paths = {str(CONTENT / path) for path in found.files}
    return [finding for finding in shelf.findings if finding.source in paths]


def _record(found: Imported) -> dict[str, object]:
    return {
        "name": found.name,
        "from": found.vendor,
        "translated": found.became,
        "untranslated": found.untranslated,
        "findings": found.findings,
    }


def _tell(found: Imported, checked: Sequence[Finding]) -> None:
    if found.became:
        made = table("there", "here", "times", right=("times",))
        for one in found.became:
            ours = Text(one.ours) if one.ours else Text("left out", "dim")
            made.add_row(Text(one.theirs), ours, number(one.times))
        show(made)
    print_findings(found.findings, console())
    for path in found.files:
        say(Text.assemble("written: ", (str(CONTENT / path), "bold")))
    count = found.untranslated
    if count:
        what = "place" if count == 1 else "places"
        say(f"{number(count)} {what} to translate by hand: {{% untranslated … %}}", style="yellow")
    else:
        say("everything was translated", style="green")
    if checked:
        hint("content check says of it:")
        print_findings(checked, console(stderr=True))
