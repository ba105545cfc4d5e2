"""The shape in which new facts arrive: temporary tables, filled by the row loader or a file import.

One stage table holds facts of one sort; `Stage` describes it. Fixed columns (all present):

    contact     row, identity, also VARCHAR[], ts, received_at, message_id, deleted BOOLEAN
    account     row, identity, ts, received_at, message_id, deleted BOOLEAN
    membership  row, contact, account, joined BOOLEAN, role, ts, received_at, message_id
    event       row, name, contact, account, ts, received_at, message_id
    record      row, identity, contact, account, ts, received_at, message_id, deleted BOOLEAN

`row` numbers the fact within its source, for messages. `contact` and `account` columns hold
identities as text (`user:…`), NULL for none. After them come the value columns, one per trait or
property, in the types of `values.py`. In a trait stage (contact, account, record) a key can be
absent, which is not a write: `written` says which are (see there).
Values that were not of their column's type are NULL and counted; the originals are in `rest`.
`row` numbers are unique within a stage, and in order of arrival.
"""

from typing import Literal

import msgspec

from lettershop.model.values import ValueType

Sort = Literal["contact", "account", "membership", "event", "record"]

SQL_TYPE: dict[ValueType, str] = {
    "number": "DECIMAL(18, 6)",
    "text": "VARCHAR",
    "boolean": "BOOLEAN",
    "time": "BIGINT",
    "date": "DATE",
    "list": "VARCHAR[]",
    "location": "STRUCT(lat DOUBLE, lon DOUBLE)",
}


class StageColumn(msgspec.Struct, frozen=True, kw_only=True):
    """One value column. `name` is the field as users know it, `column` its name in the stage.

    `written`: name of a BOOLEAN stage column that is true where this key was written at all
    (a written NULL is an explicit null); None when every row writes it (a CSV).
    `wrong`: name of a BOOLEAN stage column that is true where the raw value was ill-typed; None
    when there was none.
    `currency`: as in FieldInfo: the sibling *field name*, or "" with `constant_currency`.
    """

    name: str
    type: ValueType
    column: str
    written: str | None = None
    wrong: str | None = None
    currency: str | None = None
    constant_currency: str = ""


class Stage(msgspec.Struct, frozen=True, kw_only=True):
    """A filled stage table. `unique_ids`: message ids cannot have been seen before (they hold the
    content hash of a new file), so de-duplication against history may be left out.
    `kind` is the record kind of a record stage. `undated`: rows whose ts is ALWAYS stand for
    "no date given": where a write of the same subject and key with another value is already stored,
    they are re-dated to `import_time` (ts and received_at).

    An event stage may have a column `rest` (VARIANT or JSON, an object or NULL). Several columns
    may carry the same field in different types, at most one of them filled in a row."""

    sort: Sort
    table: str
    columns: tuple[StageColumn, ...] = ()
    kind: str = ""
    unique_ids: bool = False
    undated: bool = False
    import_time: int = 0
