"""`lettershop segment …`: questions about segments."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.syntax import Syntax
from rich.text import Text

from lettershop.app.answers import SegmentAnswer
from lettershop.cli import views
from lettershop.cli.asked_engine import EngineOption, asked
from lettershop.cli.doors import opened
from lettershop.cli.endings import Failed
from lettershop.cli.explaining import explained
from lettershop.cli.options import AsOfOption, JsonOption, SparkOption, WorkspaceOption
from lettershop.cli.output import (
    console,
    hint,
    number,
    print_findings,
    print_json,
    say,
    share,
    show,
)
from lettershop.model.clock import format_instant
from lettershop.model.errors import DefinitionError, Finding

app = typer.Typer(no_args_is_help=True, help="Count, list, show, explain and compare segments.")

Name = Annotated[str, typer.Argument(help="The segment's name.", metavar="NAME")]


@app.command()
def check(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="PATHS", help="Files or folders; default: the workspace's segments/."
        ),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say everything that is wrong with definitions: file, line, column, what to try.

    Ends with exit code 4 when there is an error, with 0 when there are only warnings or less.

    Examples:

        lettershop segment check

        lettershop segment check segments/vips.toml --json
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        checked = shop.check(paths)
        findings = checked.findings
        if not checked.compared:
            hint("no data yet, so fields and events were not checked")
    errors = sum(f.level == "error" for f in findings)
    if as_json:
        print_json({"errors": errors, "findings": findings})
    else:
        print_findings(findings, console())
        say(_summary(findings, errors), style="bold red" if errors else "green")
    if errors:
        raise Failed(DefinitionError.exit_code)


def _summary(findings: Sequence[Finding], errors: int) -> str:
    others = len(findings) - errors
    rest = f", {number(others)} other finding{'s' * (others != 1)}" if others else ""
    return f"{number(errors)} error{'s' * (errors != 1)}{rest}" if errors or others else "all well"


@app.command()
def count(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The condition, in single quotes.")],
    subject: Annotated[
        Literal["contact", "account", "people"],
        typer.Option("--subject", help="Count contacts, accounts, or people in accounts."),
    ] = "contact",
    engine: EngineOption = "duckdb",
    spark: SparkOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count whom a condition holds for, without writing a definition.

    Examples:

        lettershop segment count 'did "Order Completed" at least 3 times within last 90 days'

        lettershop segment count 'plan = "trial"' --subject account --json

        lettershop segment count 'plan = "trial"' --engine spark --spark sc://spark.example.com
    """
    with asked(workspace, as_of, engine, spark, as_json=as_json) as (shop, at):
        found = shop.count(text, subject, at)
        if as_json:
            print_json(found)
            return
        unit = views.UNITS[subject]
        line = Text.assemble(
            (number(found.size), "bold"),
            f" of {number(found.universe)} {unit}",
            (f"  {share(found.size, found.universe)}", "dim"),
        )
        show(line, Text(found.sentence, style="dim"))
        print_findings(found.findings, console(stderr=True))


@app.command("list")
def list_(
    engine: EngineOption = "duckdb",
    spark: SparkOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """List all segments with their sentence and size.

    Examples:

        lettershop segment list

        lettershop segment list --as-of 2026-03-01T00:00Z --json
    """
    with asked(workspace, as_of, engine, spark, as_json=as_json) as (shop, at):
        found = shop.listing(at)
        if as_json:
            print_json(found)
            return
        broken = {name: findings[0].message for name, findings in found.broken.items()}
        if not found.segments and not broken:
            hint("no segments yet: write segments/NAME.toml (lettershop segment list shows it)")
            return
        show(views.segments_table(found.segments, broken))
        if broken:
            hint("lettershop segment check says what is wrong")


@app.command("show")
def show_(
    name: Name,
    engine: EngineOption = "duckdb",
    spark: SparkOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one segment: text, sentence, size, neighbours, findings.

    Examples:

        lettershop segment show vips
    """
    with asked(workspace, as_of, engine, spark, as_json=as_json) as (shop, at):
        found = shop.card(name, at)
        if as_json:
            print_json({**_fields(found.segment), "neighbours": found.neighbours})
            return
        show(views.segment_card(found))
        print_findings(found.segment.findings, console())


@app.command("members")
def members_(
    name: Name,
    limit: Annotated[
        int, typer.Option("--limit", min=0, help="How many to show; 0 for all of them.")
    ] = 20,
    csv: Annotated[
        Path | None, typer.Option("--csv", metavar="FILE", help="Write all members to a CSV file.")
    ] = None,
    engine: EngineOption = "duckdb",
    spark: SparkOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the members of a segment, or write all of them to a CSV file.

    Examples:

        lettershop segment members vips --limit 5

        lettershop segment members vips --csv vips.csv
    """
    with asked(workspace, as_of, engine, spark, as_json=as_json) as (shop, at):
        if csv is not None:
            written = shop.write_members(name, at, csv)
            say(f"{number(written)} members written to {csv}")
            if as_json:
                print_json({"members": written, "file": str(csv)})
            return
        found = shop.members(name, at, limit)
        if as_json:
            print_json({"size": found.size, "members": found.members})
            return
        columns = views.member_columns(found)
        show(views.members_table(found, columns))
        hidden = len(found.columns) - len(columns)
        rest = f"{number(len(found.members))} of {number(found.size)} members"
        hint(f"{rest}; {hidden} more columns in --csv FILE or --json" if hidden else rest)


@app.command()
def explain(
    name: Name,
    who: Annotated[
        str,
        typer.Argument(
            metavar="WHO",
            help="A user id or address; an account's id or name; for people CONTACT/ACCOUNT.",
        ),
    ],
    engine: EngineOption = "duckdb",
    spark: SparkOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why somebody is in a segment or not, since when, until when, and what would change it.

    Examples:

        lettershop segment explain vips eva@example.com

        lettershop segment explain paying-admins U00017/A0003
    """
    with asked(workspace, as_of, engine, spark, as_json=as_json) as (shop, at):
        told = explained(shop, name, who, at)
        if as_json:
            print_json(told)
        else:
            show(views.explanation_view(told))


@app.command()
def overlap(
    names: Annotated[list[str], typer.Argument(metavar="NAMES", help="Two or more segments.")],
    engine: EngineOption = "duckdb",
    spark: SparkOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Count the members that segments share.

    Examples:

        lettershop segment overlap vips dormant new-this-week
    """
    with asked(workspace, as_of, engine, spark, as_json=as_json) as (shop, at):
        found = shop.overlap(names, at)
        if as_json:
            print_json(found)
        else:
            show(views.overlap_table(found, {}))


@app.command()
def sql(
    name: Name,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the SQL a segment becomes, with comments that say what each query is for.

    Examples:

        lettershop segment sql vips
    """
    with opened(workspace, as_of, as_json=as_json) as (shop, at):
        text = shop.sql(name, at)
        if as_json:
            print_json({"name": name, "as_of": format_instant(at), "sql": text})
            return
        out = console()
        if out.is_terminal:
            out.print(Syntax(text, "sql", background_color="default", word_wrap=True))
        else:
            out.file.write(text)


def _fields(segment: SegmentAnswer) -> dict[str, object]:
    return {name: getattr(segment, name) for name in segment.__struct_fields__}
