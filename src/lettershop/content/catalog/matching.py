"""Values of items, found without looking at every item: one list of positions per value."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from lettershop.content.catalog.item import Item
from lettershop.model.values import fold

Positions: TypeAlias = npt.NDArray[np.int32]
"""Of items in their catalog, ascending."""
NOWHERE: Positions = np.empty(0, np.int32)


def compared(value: Any) -> frozenset[str]:
    """The forms in which a value is compared: texts folded, numbers by their size, of a list each
    of its elements. None for what is missing or has no form."""
    match value:
        case bool():
            return frozenset(("true" if value else "false",))
        case str():
            form = fold(value)
            return frozenset((form,)) if form else frozenset()
        case int() | float() | Decimal():
            return frozenset((_number(Decimal(str(value))),))
        case list() | tuple() | set() | frozenset():
            return frozenset(form for part in value for form in compared(part))
        case _:
            return frozenset()


def _number(value: Decimal) -> str:
    return format(value.normalize(), "f") if value.is_finite() else ""


def values_in(item: Item, field: str) -> Any:
    """What an item says in a field, as `match` and `where` name it."""
    match field:
        case "id" | "title" | "kind" | "url" | "image" | "description" | "tags" | "stock":
            return getattr(item, field)
        case "market":
            return tuple(item.prices)
        case _:
            return item.fields.get(field)


def positions(items: Sequence[Item], field: str) -> dict[str, Positions]:
    """Compared value -> items that have it in the field."""
    found: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        for form in compared(values_in(item, field)):
            found[form].append(place)
    return {form: np.asarray(places, np.int32) for form, places in found.items()}


def union(lists: Iterable[Positions]) -> Positions:
    some = [one for one in lists if len(one)]
    if len(some) < 2:
        return some[0] if some else NOWHERE
    return np.unique(np.concatenate(some))
