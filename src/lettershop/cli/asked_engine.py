"""Questions about segments, asked of the engine that a command names."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer

from lettershop.app.lakeside import lake_workspace
from lettershop.app.shop import LocalShop, Shop
from lettershop.cli.doors import opened
from lettershop.cli.output import hint
from lettershop.model.clock import format_instant, parse_instant
from lettershop.model.errors import UsageError

EngineOption = Annotated[
    Literal["duckdb", "spark"],
    typer.Option(
        "--engine", help="Who answers: the embedded engine, or Spark over the newest snapshot."
    ),
]


@contextmanager
def asked(
    workspace: Path | None,
    as_of: str | None,
    engine: Literal["duckdb", "spark"],
    spark: str | None,
    *,
    as_json: bool,
) -> Iterator[tuple[Shop, int]]:
    """As `opened`; by Spark it is the lake that is asked, as of its newest snapshot by default."""
    if engine == "duckdb":
        if spark is not None:
            message = "--spark says which Spark is asked, and the embedded engine is"
            raise UsageError("refresh.engine", message, hint="add --engine spark")
        with opened(workspace, as_of, as_json=as_json) as found:
            yield found
        return
    with lake_workspace(workspace or Path(), spark) as over:
        made_at = over.manifest.made_at
        if not as_json:
            said = f"snapshot {over.manifest.snapshot} of the lake, {format_instant(made_at)}"
            hint(f"asking Spark about {said}")
        yield LocalShop(over), made_at if as_of is None else parse_instant(as_of)
