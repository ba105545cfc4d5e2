"""Conditions about records, age, chance, and what was recorded of segments."""

from fractions import Fraction
from math import ceil

import numpy as np

from lettershop.language import tree
from lettershop.planning.frame import Column, Keys
from lettershop.planning.ground import Leaves, Mask, counted
from lettershop.planning.metrics import Grain, RecordMetric, SegmentTime
from lettershop.planning.place import Place, side_grain
from lettershop.planning.windows import back


def record_metric(leaf: tree.HasRecord, place: Place) -> RecordMetric:
    return RecordMetric(side_grain(leaf.scope, place), leaf.kind, leaf.where, "count")


def has_record(at: Leaves, leaf: tree.HasRecord, place: Place) -> Mask:
    metric = record_metric(leaf, place)
    return Mask(metric.grain, counted(at.get(metric).value, leaf.count, leaf.n))


def known_for(at: Leaves, leaf: tree.KnownFor, place: Place) -> Mask:
    grain = side_grain(leaf.scope, place)
    side = at.frame.contacts if grain == "contact" else at.frame.accounts
    return Mask(grain, side.known_since <= back(leaf.duration, at.frame.as_of, at.frame.zone))


def moved_at(at: Leaves, leaf: tree.SegmentHistory, grain: Grain) -> Column:
    """When the subject last entered or left, or since when it has been in."""
    return at.get(SegmentTime(grain, leaf.name, leaf.move))


def segment_history(at: Leaves, leaf: tree.SegmentHistory, grain: Grain) -> Mask:
    """What is recorded; `grain` is that of the segment. Whether it still is in is asked apart."""
    column, as_of = moved_at(at, leaf, grain), at.frame.as_of
    since = back(leaf.duration, as_of, at.frame.zone)
    if leaf.move == "stayed":
        return Mask(grain, column.known & (column.value <= since))
    return Mask(grain, column.known & (column.value > since) & (column.value <= as_of))


def random(at: Leaves, leaf: tree.Random, place: Place) -> Mask:
    grain = side_grain("own", place)
    side = at.frame.contacts if grain == "contact" else at.frame.accounts
    limit = ceil(Fraction(str(leaf.percent)) / 100 * 2**64)
    if limit >= 2**64:
        return Mask(grain, np.ones_like(side.live))
    hashed = splitmix64(side.key ^ np.uint64(at.columns.salt(leaf.name)))
    return Mask(grain, hashed < np.uint64(limit))


def splitmix64(x: Keys) -> Keys:
    """Sebastiano Vigna's finaliser: every bit of the input moves every bit of the output."""
    with np.errstate(over="ignore"):
        z = x + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
