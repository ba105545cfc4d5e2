"""What a definition says of columns, compared with those that its file has."""

from collections.abc import Iterator, Sequence

from rapidfuzz import process

from lettershop.content.catalog.definition import KNOWN, Definition
from lettershop.content.catalog.making import Maker
from lettershop.content.catalog.reading import FIELD, Read
from lettershop.language.places import Path
from lettershop.model.errors import Finding


def column_findings(
    read: Read, definition: Definition, columns: Sequence[str], maker: Maker
) -> Iterator[Finding]:
    """Columns that are named and not there; columns that are there and cannot be used."""
    for path, column in _named(definition):
        if column not in columns:
            near = process.extractOne(column, columns, score_cutoff=60)
            hint = f"did you mean “{near[0]}”?" if near else f"it has: {', '.join(columns[:20])}"
            message = f"{definition.file} has no column “{column}”"
            yield read.finding("catalog.unknown_column", message, path, hint)
    for column in columns:
        if column not in maker.taken and not FIELD.fullmatch(column):
            message = f"the column “{column}” of {definition.file} is not used: it is no name"
            found = read.finding("catalog.unused_column", message, (), f'[fields] … = "{column}"')
            yield Finding(found.code, message, "info", found.hint, None, found.source)


def price_file_findings(
    read: Read, definition: Definition, columns: Sequence[str]
) -> Iterator[Finding]:
    """The same of the second file."""
    said = definition.price_file
    if said is None:
        return
    for key in ("item", "price", "market", "currency_column"):
        column = getattr(said, key)
        if column and column not in columns:
            message = f"{said.file} has no column “{column}”"
            hint = f"it has: {', '.join(columns[:20])}"
            yield read.finding("catalog.unknown_column", message, ("prices", key), hint)


def _named(definition: Definition) -> Iterator[tuple[Path, str]]:
    yield ("id",), definition.id
    for name, column in definition.fields.items():
        yield ("fields", name), column
    for price in definition.prices:
        path: Path = ("price", price.market) if price.market else ("price",)
        yield (*path, "column"), price.column
        if price.currency_column:
            yield (*path, "currency_column"), price.currency_column
    named = {*definition.fields, *KNOWN}
    for name in definition.types:
        if name not in named:
            yield ("types", name), name
