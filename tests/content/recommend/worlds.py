"""Small shops to recommend in: a line says who bought what when."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lettershop.content.audience import Audience
from lettershop.content.recommend.interactions import BOUGHT, RETURNED, VIEWED, Interactions
from lettershop.content.recommend.model import Model
from lettershop.content.recommend.ranking import rank_with
from lettershop.model.clock import DAY
from lettershop.planning.frame import Bits, Ints

TODAY = 1_000
"""Day, since 1970, that everything is asked on."""
KINDS = {"bought": BOUGHT, "viewed": VIEWED, "returned": RETURNED}
COUNTRIES = ("austria", "france")


class Goods(NamedTuple):
    ids: list[str]
    tags: list[list[str]]
    published_at: Ints
    available: Bits


def goods(
    ids: str, tags: dict[str, str] | None = None, days: dict[str, int] | None = None
) -> Goods:
    names = ids.split()
    return Goods(
        names,
        [(tags or {}).get(name, "").split() for name in names],
        np.array([(days or {}).get(name, 0) * DAY for name in names], np.int64),
        np.ones(len(names), np.bool_),
    )


def shop(items: Goods, lines: str) -> Interactions:
    """Each line: `day who item … [kind] [country]`, where `who` is `@3` for an account, `3` for a
    contact, `3@4` for both; a number after a colon is the quantity (`a:5`)."""
    rows = []
    for event, line in enumerate(one for one in lines.splitlines() if one.strip()):
        day, who, *words = line.split()
        contact, _, account = who.partition("@")
        kind = next((KINDS[word] for word in words if word in KINDS), BOUGHT)
        market = next((COUNTRIES.index(word) for word in words if word in COUNTRIES), -1)
        for word in words:
            item, _, quantity = word.partition(":")
            if item in items.ids:
                place = items.ids.index(item)
                who_else = (int(contact or -1), int(account or -1))
                rows.append(
                    (*who_else, place, int(day) * DAY, float(quantity or 1), kind, market, event)
                )
    columns = zip(*rows, strict=True) if rows else [[] for _ in range(8)]
    contact_, account_, item_, ts, quantity_, kind_, market_, event_ = map(list, columns)
    return Interactions(
        contact=np.array(contact_, np.int32),
        account=np.array(account_, np.int32),
        item=np.array(item_, np.int32),
        ts=np.array(ts, np.int64),
        quantity=np.array(quantity_, np.float64),
        kind=np.array(kind_, np.int8),
        market=np.array(market_, np.int32),
        event=np.array(event_, np.int64),
        markets=COUNTRIES,
    )


def recipients(*who: str) -> Audience:
    """As in `shop`: `@3` an account, `3` a contact, `3@4` a contact of an account."""
    parts = [one.partition("@") for one in who]
    return Audience(
        segment="all",
        as_of=TODAY * DAY,
        contacts=np.array([int(contact or -1) for contact, _, _ in parts], np.int32),
        accounts=np.array([int(account or -1) for _, _, account in parts], np.int32),
        shown=np.zeros((len(who), 0), np.int8),
        matched={},
        defaults={},
    )


def model_of(items: Goods, lines: str) -> Model:
    return Model(shop(items, lines), items, TODAY * DAY)


def ranked(model: Model, strategy: str, who: Sequence[str], **asked: object) -> list[str]:
    """Of each recipient the ids, the best first."""
    found = rank_with(model, strategy, recipients(*who), **asked)  # type: ignore[arg-type]
    ids = model.items.ids
    return [" ".join(ids[item] for item in row if item >= 0) for row in found]
