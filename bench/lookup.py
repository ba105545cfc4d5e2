"""What a page asks for: one contact with its memberships, and who overlaps with whom."""

from collections.abc import Mapping
from random import Random

from pyroaring import BitMap

from bench.clock import median_seconds
from lettershop.engines.duckdb.profile import profile
from lettershop.engines.duckdb.store import Store
from lettershop.segments.overlap import shared

LOOKUPS = 200


def look_up(store: Store, members: Mapping[str, BitMap], contacts: int, seed: int) -> float:
    """Median seconds for the profile of a random contact with its memberships."""
    random = Random(seed)
    profile(store, 0, members)
    return median_seconds(lambda: profile(store, random.randrange(contacts), members), LOOKUPS)


def overlap(members: Mapping[str, BitMap]) -> float:
    """Median seconds for the sizes of the intersections of all pairs."""
    bitmaps = list(members.values())
    return median_seconds(lambda: shared(bitmaps))
