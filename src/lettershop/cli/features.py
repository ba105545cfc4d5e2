"""`lettershop features`: the numbers behind segments as a file, for reports and notebooks."""

from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from lettershop.cli.asked_engine import EngineOption, asked
from lettershop.cli.options import AsOfOption, JsonOption, SparkOption, WorkspaceOption
from lettershop.cli.output import number, print_json, say, show, table


def features(
    segments: Annotated[
        list[str], typer.Argument(metavar="SEGMENTS", help="Segments of one subject.")
    ],
    to: Annotated[Path, typer.Option("--to", metavar="FILE", help="The Parquet file to write.")],
    members_only: Annotated[
        bool,
        typer.Option("--members-only", help="Only those who are in one; default: everybody."),
    ] = False,
    engine: EngineOption = "duckdb",
    spark: SparkOption = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the metrics that segments are made of: a row per subject, a column per metric.

    Names of columns are in the words of conditions and end with the unit. First come the ids (dense
    ones, as in the lake) and names, then for each segment whether the subject is in it. Conditions
    of contacts that speak of their accounts give a row per contact and account.

    Examples:

        lettershop features vips dormant --to vips.parquet

        lettershop features vips --members-only --to vips.parquet --engine spark
    """
    with asked(workspace, as_of, engine, spark, as_json=as_json) as (shop, at):
        found = shop.features(segments, at, to, members_only=members_only)
    if as_json:
        print_json(found)
        return
    made = table("column", "type")
    for column in found.columns:
        made.add_row(Text(column.name), column.type.lower())
    show(made)
    say(f"{number(found.rows)} rows written to {to}")
