"""The option `--data`: a file with the values that a transactional message is given."""

from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from lettershop.model.errors import InputError

DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="FILE", help="JSON: what a transactional letter reads as `message`."
    ),
]


def read_data(path: Path | None) -> dict[str, Any] | None:
    """None for no file. InputError `message.data` for what is not a JSON object."""
    if path is None:
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Any])
    except (OSError, msgspec.DecodeError, RecursionError) as error:
        hint = 'a file with {"order": "R-17", "lines": []}'
        raise InputError("message.data", str(error), where=str(path), hint=hint) from None
