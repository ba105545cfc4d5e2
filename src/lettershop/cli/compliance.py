"""What commands about consent and suppression share: they go to the records themselves, beside a
running server or not, because what they say must hold at once."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from lettershop.app import Workspace
from lettershop.app.compliance import Compliance
from lettershop.cli.records import opened_records
from lettershop.compliance.words import SuppressionReason
from lettershop.model.clock import parse_instant

Address = Annotated[str, typer.Argument(metavar="EMAIL", help="An e-mail address.")]
ScopeOption = Annotated[
    str, typer.Option("--scope", metavar="SCOPE", help="all, stream:NAME or topic:NAME.")
]
ReasonOption = Annotated[SuppressionReason, typer.Option("--reason", help="Why.")]
UntilOption = Annotated[
    str | None, typer.Option("--until", metavar="TIME", help="Ends by itself then; else never.")
]


@contextmanager
def opened_compliance(workspace: Path | None) -> Iterator[Compliance]:
    """The records of a command's workspace, and what consent.toml says."""
    with opened_records(workspace) as settings:
        yield Compliance(Workspace.find(workspace or Path(os.curdir)), settings)


def instant(text: str | None) -> int | None:
    return None if text is None else parse_instant(text)
