"""Arrow tables to NumPy arrays, and back."""

from typing import TYPE_CHECKING, Any

import numpy as np

from lettershop.engines.dense.asking import Array, Rows
from lettershop.engines.spark.library import load

if TYPE_CHECKING:
    import pyarrow as pa


def arrays(table: "pa.Table") -> Rows:
    """Columns by name, masked where NULL. Whole numbers come as int64, text as objects."""
    return dict(zip(table.column_names, (_array(column) for column in table.columns), strict=True))


def _array(column: "pa.ChunkedArray") -> Array:
    values = _numbers(column)
    if not column.null_count:
        return values
    return np.ma.MaskedArray(values, column.is_null().to_numpy())


def _numbers(column: "pa.ChunkedArray") -> Array:
    """The values, with anything at all where they are NULL."""
    kinds = load("pyarrow").types
    kind = column.type
    if kinds.is_decimal(kind):
        column = column.cast("int64")  # ArrowInvalid where a digit would be lost
    if kinds.is_boolean(kind):
        column = column.fill_null(False)
    elif not (kinds.is_string(kind) or kinds.is_large_string(kind)):
        column = column.fill_null(0)
    found: Array = column.to_numpy()
    return found


def schema_of(rows: Rows) -> str:
    """The schema of arrays of whole numbers, as Spark writes it."""
    return ", ".join(f"`{name}` {_WHOLE[values.dtype.itemsize]}" for name, values in rows.items())


_WHOLE = {2: "smallint", 4: "int", 8: "bigint"}
"""By bytes."""


def arrow_table(rows: Rows) -> Any:
    return load("pyarrow").table(dict(rows))
