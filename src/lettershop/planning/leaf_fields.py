"""Conditions about fields: their value now, then, and for how long."""

import numpy as np
from msgspec.structs import replace

from lettershop.language import tree
from lettershop.language.tree import Duration
from lettershop.planning.dates import date_test
from lettershop.planning.frame import Column, field_type
from lettershop.planning.ground import Leaves, Mask, micros
from lettershop.planning.metrics import (
    FieldHeld,
    FieldTest,
    FieldThen,
    FieldValue,
    Grain,
    grain_of,
)
from lettershop.planning.place import Place, field_of


def value_test(at: Leaves, test: tree.ValueTest, place: Place) -> Mask:
    """A test of the current value: dates here, with zones; everything else by the engine."""
    scope, field = field_of(test.field, place)
    kind = field_type(at.catalog, scope, field)
    if isinstance(test, tree.DateTest | tree.Anniversary) and kind in ("time", "date"):
        metric = FieldValue(scope, field)
        bits = date_test(at, test, at.get(metric), grain_of(metric), is_date=kind == "date")
        return Mask(grain_of(metric), bits)
    asked = FieldTest(scope, replace(test, field=field))
    return Mask(grain_of(asked), at.get(asked).value == 1)


def held(at: Leaves, leaf: tree.Held, place: Place) -> Mask:
    scope, field = field_of(leaf.test.field, place)
    metric = FieldHeld(scope, replace(leaf.test, field=field), leaf.duration)
    return Mask(grain_of(metric), at.get(metric).value == 1)


def change(at: Leaves, path: str, duration: Duration, place: Place) -> tuple[Grain, Column]:
    scope, field = field_of(path, place)
    now = at.get(FieldValue(scope, field))
    then = at.get(FieldThen(scope, field, duration))
    known = now.known & then.known
    return grain_of(FieldValue(scope, field)), Column(
        np.where(known, now.value - then.value, 0), known
    )


def moved(at: Leaves, leaf: tree.Moved, place: Place) -> Mask:
    grain, column = change(at, leaf.field, leaf.duration, place)
    rise = column.value if leaf.direction == "rose" else -column.value
    enough = rise > 0 if leaf.by is None else rise >= micros(leaf.by)
    return Mask(grain, column.known & enough)
