"""Raw values of one field -> arrays of its type, many at a time.

`cast` is `model.values.coerce` for a whole column. Where all values are of one Python type, which
is nearly always so, it takes a shortcut that gives the same; `cast_each` is the long way.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from lettershop.engines.duckdb.storable import is_empty, storable
from lettershop.model.values import MICRO, NUMBER_LIMIT, Known, Missing, ValueType

Array = NDArray[Any]


class Cast(msgspec.Struct, frozen=True):
    """`values` by place, in the stored form (see `store_form`); `missing` marks those that are not
    known, None when all are. `wrong` are the places of ill-typed values."""

    values: Array
    missing: NDArray[np.bool_] | None = None
    wrong: Sequence[int] = ()


def cast(raws: Sequence[object], kind: ValueType) -> Cast:
    """The values of `raws`, each as a `kind`."""
    types = set(map(type, raws))
    if types == {str}:
        return _texts(raws, kind)
    if type(None) in types:
        return _with_gaps(raws, kind)
    values: Array | None = None
    if kind == "number" and types == {int}:
        values = _whole(raws)
    elif kind == "number" and types <= {int, float}:
        return _decimals(raws)
    elif kind == "boolean" and types == {bool}:
        values = np.array(raws, np.bool_)
    return cast_each(raws, kind) if values is None else Cast(values)


def cast_each(raws: Sequence[object], kind: ValueType) -> Cast:
    """The same, one by one."""
    return _from_known([storable(raw, kind) for raw in raws], raws, kind)


def stored_form(known: Iterable[Known | None], kind: ValueType) -> Array:
    """Values as the stage reads them: numbers (micro-units) and times as int64, dates and lists as
    text (ISO, JSON), locations as pairs of floats, texts as objects; None becomes zero or None."""
    match kind:
        case "number" | "time":
            return np.array([0 if value is None else value for value in known], np.int64)
        case "boolean":
            return np.array([value is True for value in known], np.bool_)
        case "location":
            pairs = [(0.0, 0.0) if value is None else value for value in known]
            return np.array(pairs, np.float64).reshape(-1, 2)
        case "text":
            return objects(known)
        case "date":
            return objects(v.isoformat() if isinstance(v, date) else None for v in known)
        case "list":
            return objects(None if v is None else msgspec.json.encode(v).decode() for v in known)


def objects(values: Iterable[Any]) -> Array:
    """A one-dimensional array of the objects, whatever they are."""
    found = list(values)
    column = np.empty(len(found), dtype=object)
    column[:] = found
    return column


def _from_known(known: Sequence[Known | Missing], raws: Sequence[object], kind: ValueType) -> Cast:
    values = stored_form((None if isinstance(k, Missing) else k for k in known), kind)
    if not any(isinstance(k, Missing) for k in known):
        return Cast(values)
    wrong = [
        place
        for place, value in enumerate(known)
        if value is Missing.WRONG_TYPE and not is_empty(raws[place])
    ]
    return Cast(values, np.array([isinstance(k, Missing) for k in known], np.bool_), wrong)


def _with_gaps(raws: Sequence[Any], kind: ValueType) -> Cast:
    """Explicit nulls set apart, the rest as it comes."""
    missing = np.array([raw is None for raw in raws], np.bool_)
    there = np.flatnonzero(~missing)
    rest = cast([raws[place] for place in there.tolist()], kind)
    values = np.zeros((len(raws), *rest.values.shape[1:]), rest.values.dtype)
    if values.dtype == object:
        values[:] = None
    values[there] = rest.values
    if rest.missing is not None:
        missing[there] = rest.missing
    return Cast(values, missing, [int(there[place]) for place in rest.wrong])


def _texts(raws: Sequence[Any], kind: ValueType) -> Cast:
    """Each different text is looked at once."""
    different = set(raws)
    if kind == "text" and all(map(str.isascii, different)) and all(map(str.strip, different)):
        return Cast(np.array(raws, dtype=object))
    found = {text: storable(text, kind) for text in different}
    return _from_known(list(map(found.__getitem__, raws)), raws, kind)


def _whole(raws: Sequence[Any]) -> Array | None:
    if min(raws) > -NUMBER_LIMIT and max(raws) < NUMBER_LIMIT:
        return np.array(raws, np.int64) * MICRO
    return None


def _decimals(raws: Sequence[Any]) -> Cast:
    """Floats scaled at once, but where the product lies so near a half that its error could turn
    the rounding: a number of up to a billion is off by less than a fifth of a micro-unit."""
    try:
        numbers = np.array(raws, np.float64)
    except OverflowError:
        return cast_each(raws, "number")
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = numbers * MICRO
        nearest = np.rint(scaled)
        doubt = np.abs(np.abs(scaled - nearest) - 0.5) < np.abs(scaled) * 4e-16 + 1e-9
        slow = np.flatnonzero(doubt | ~(np.abs(numbers) < 1e9))
    if len(slow) * 4 > len(raws):
        return cast_each(raws, "number")
    nearest[slow] = 0
    values = nearest.astype(np.int64)
    if not len(slow):
        return Cast(values)
    rest = cast_each([raws[place] for place in slow.tolist()], "number")
    values[slow] = rest.values
    missing = np.zeros(len(raws), np.bool_)
    if rest.missing is not None:
        missing[slow] = rest.missing
    return Cast(values, missing, [int(slow[place]) for place in rest.wrong])
