"""New in my interests: the newest items that are about what the recipient cares for."""

from collections.abc import Mapping
from typing import Final

import numpy as np
from scipy import sparse

from lettershop.content.recommend.asked import Asked, Interests, bought_by
from lettershop.content.recommend.best import Ranked, best, chunks
from lettershop.content.recommend.buyers import CHUNK
from lettershop.content.recommend.interactions import Matrix
from lettershop.content.recommend.kept import digest, size_of
from lettershop.content.recommend.model import Model
from lettershop.model.values import fold
from lettershop.planning.frame import Ids

NEWEST: Final = 500
"""Items of each tag that are looked at: what came before them is not new."""


def new_in_my_interests(model: Model, asked: Asked) -> Ranked:
    """Items with the recipient's interests among their tags: those that meet most of them first (a
    score of an interest is its weight), then the newest. Nothing that is published later."""
    if not asked.interests:
        return asked.nothing()
    newest = model.once("newest", lambda: _newest(model))
    key = ("tagged", digest(asked.allowed))
    place, table = model.kept.get(
        key, lambda: _tagged(model, asked, newest), lambda t: size_of(t[1])
    )
    numbers: dict[tuple[tuple[int, float], ...], int] = {}
    wanted = [numbers.setdefault(_known(i, place), len(numbers)) for i in asked.interests]
    # Many have the same interests; what they bought differs.
    together = asked.units.of.astype(np.int64) * max(len(numbers), 1) + wanted
    _, first, of = np.unique(together, return_index=True, return_inverse=True)
    sets, chosen, unit = list(numbers), np.array(wanted)[first], asked.units.of[first]
    found = np.full((len(first), asked.k), -1, np.int32)
    for part in chunks(len(first), CHUNK):
        scores = _matrix([sets[number] for number in chosen[part]], len(place)) @ table
        without = bought_by(model, asked, unit[part])
        found[part] = best(scores.tocsr(), asked.k, newest, asked.allowed, without)
    return found[of]


def _newest(model: Model) -> Ids:
    """(m,) place of each item by its publication, the newest first, unknown ones last."""
    place = np.empty(model.size, np.int32)
    order = np.argsort(-model.items.published_at, kind="stable")
    place[order] = np.arange(model.size, dtype=np.int32)
    return place


def _tagged(model: Model, asked: Asked, newest: Ids) -> tuple[dict[str, int], Matrix]:
    """The tags by number, and (tags, m): 1 for the newest items of each."""
    out = asked.allowed & (model.items.published_at <= model.now)
    items: dict[str, list[int]] = {}
    order = np.argsort(newest)
    for item in order[out[order]]:
        for tag in {fold(tag) for tag in model.items.tags[item]}:
            among = items.setdefault(tag, [])
            if len(among) < NEWEST:
                among.append(int(item))
    rows = np.repeat(np.arange(len(items)), [len(among) for among in items.values()])
    columns = np.array([item for among in items.values() for item in among], np.int64)
    ones = np.ones(len(columns), np.float32)
    table = sparse.csr_array((ones, (rows, columns)), shape=(len(items), model.size))
    return {tag: number for number, tag in enumerate(items)}, table


def _known(interests: Interests, place: dict[str, int]) -> tuple[tuple[int, float], ...]:
    """The interests that are tags of items, as (number, weight), each once."""
    weights = interests if isinstance(interests, Mapping) else dict.fromkeys(interests, 1.0)
    found: dict[int, float] = {}
    for tag, weight in weights.items():
        number = place.get(fold(tag))
        if number is not None and weight > 0:
            found[number] = max(found.get(number, 0.0), float(weight))
    return tuple(sorted(found.items()))


def _matrix(sets: list[tuple[tuple[int, float], ...]], tags: int) -> Matrix:
    sizes = [len(one) for one in sets]
    rows = np.repeat(np.arange(len(sets)), sizes)
    columns = np.array([number for one in sets for number, _ in one], np.int64)
    weights = np.array([weight for one in sets for _, weight in one], np.float32)
    return sparse.csr_array((weights, (rows, columns)), shape=(len(sets), tags))
