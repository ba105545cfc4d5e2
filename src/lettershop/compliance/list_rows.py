"""Lists of addresses as CSV, line by line: what suppression lists and lists of consent share."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from lettershop.compliance.addresses import comparable
from lettershop.model.errors import Finding, InputError, LettershopError

ADDRESS: Final = ("address", "email", "e-mail", "email address", "e-mail address")

Row = Mapping[str, str]


def lines(file: Iterable[str], name: str, columns: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """(line, cells by column in lower case) of each line that is not blank. InputError
    `list.columns` where no column holds addresses."""
    reader = csv.reader(file)
    header = [cell.strip().lower() for cell in next(reader, [])]
    if not any(cell in ADDRESS for cell in header):
        hint = f"the first line names the columns: {', '.join(columns)}"
        message = "there is no column “address” or “email”"
        raise InputError("list.columns", message, where=f"{name}:1", hint=hint)
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield reader.line_num, dict(zip(header, (c.strip() for c in cells), strict=False))


def address_of(row: Row) -> str:
    """InputError `address.unreadable`."""
    address = next((row[key] for key in ADDRESS if row.get(key)), "")
    address = address[1:] if address[:2] in ("'=", "'+", "'-", "'@") else address
    if comparable(address) is None:
        raise InputError("address.unreadable", f"“{address[:100]}” is not an e-mail address")
    return address


def refused(error: LettershopError, name: str, line: int) -> Finding:
    message = f"line {line:,}: {error.message}"
    return Finding(error.code, message, level="warning", hint=error.hint, source=name)
