"""What a kind of row is: one struct per kind, filled in events.py, measures.py and others.py."""

from collections.abc import Callable
from typing import Any

import msgspec
from django.utils.functional import Promise

from lettershop.language.tree import Condition
from lettershop.web.pages.segments.building.controls import Control
from lettershop.web.pages.segments.building.places import Place
from lettershop.web.pages.segments.building.rows import Values

Inner = Condition | None


class Kind(msgspec.Struct, frozen=True, kw_only=True):
    """`read`: values and the inner condition of a node, Awkward where they cannot hold it. `write`:
    the node of them, or Unfinished. `inner`: where its inner rows stand; None: it has none.
    `fresh`: what a new row holds; `fits`: whether one can be added there."""

    key: str
    says: Promise
    icon: str
    read: Callable[[Any], tuple[dict[str, str], Inner]]
    write: Callable[[Values, Inner], Condition]
    controls: Callable[[Values, Place], list[Control]]
    inner: Callable[[Values, Place], Place | None] = lambda values, place: None
    inner_says: Promise | str = ""
    fresh: Callable[[Place], dict[str, str]] = lambda place: {}
    fits: Callable[[Place], bool] = lambda place: not place.tests_only
    settle: Callable[[Values, Place], dict[str, str]] = lambda values, place: {**values}
