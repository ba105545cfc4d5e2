"""The ways to choose items, as data: name, sentence, what each needs to know."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, Literal, NamedTuple

from rapidfuzz import process

from lettershop.content.recommend.asked import Asked
from lettershop.content.recommend.best import Ranked
from lettershop.content.recommend.bestsellers import bestsellers, bestsellers_in_my_country
from lettershop.content.recommend.interests import new_in_my_interests
from lettershop.content.recommend.model import Model
from lettershop.content.recommend.often import bought_often
from lettershop.content.recommend.reorder import due_for_reorder
from lettershop.content.recommend.similar import popular_among_similar_accounts
from lettershop.content.recommend.together import bought_together
from lettershop.content.recommend.viewed import viewed_not_bought
from lettershop.model.errors import Finding

Need = Literal["purchases", "views", "market", "interests", "tags"]


class Strategy(NamedTuple):
    """`again`: what it chooses has been bought before, so the exclusion `bought` does not touch
    it."""

    name: str
    sentence: str
    needs: tuple[Need, ...]
    rank: Callable[[Model, Asked], Ranked]
    again: bool = False


STRATEGIES: Final[Mapping[str, Strategy]] = {
    row.name: row
    for row in (
        Strategy(
            "bestsellers",
            "what most accounts have bought in the last 90 days",
            ("purchases",),
            bestsellers,
        ),
        Strategy(
            "bestsellers_in_my_country",
            "what most accounts in the recipient's market have bought in the last 90 days",
            ("purchases", "market"),
            bestsellers_in_my_country,
        ),
        Strategy(
            "bought_together",
            "what others buy who bought what the recipient's account bought lately",
            ("purchases",),
            bought_together,
        ),
        Strategy(
            "popular_among_similar_accounts",
            "what the accounts buy that are most like the recipient's",
            ("purchases",),
            popular_among_similar_accounts,
        ),
        Strategy(
            "bought_often",
            "what the recipient's account has bought on the most days",
            ("purchases",),
            bought_often,
            again=True,
        ),
        Strategy(
            "due_for_reorder",
            "what the recipient's account buys regularly, when it is time again",
            ("purchases",),
            due_for_reorder,
            again=True,
        ),
        Strategy(
            "new_in_my_interests",
            "the newest items about what the recipient is interested in",
            ("interests", "tags"),
            new_in_my_interests,
        ),
        Strategy(
            "viewed_not_bought",
            "what the recipient looked at in the last 60 days and nobody of the account bought",
            ("views", "purchases"),
            viewed_not_bought,
        ),
    )
}

REPEATABLE: Final = frozenset(name for name, row in STRATEGIES.items() if row.again)
"""Those that are meant to choose what was bought before."""

SIMPLE: Final[Mapping[str, str]] = {
    "newest": "the items published last",
    "cheapest": "the items with the lowest price in the recipient's market",
    "listed": "the items in the order of the catalog",
}
"""Ways that ask nothing about purchases; the catalog knows them by itself (content/catalog/)."""


def known_strategies() -> Mapping[str, str]:
    """Every way to choose: name -> sentence."""
    return {**{name: row.sentence for name, row in STRATEGIES.items()}, **SIMPLE}


def check_strategies(names: Iterable[str]) -> list[Finding]:
    """A finding `items.unknown_strategy` for each name that is none, with the nearest ones."""
    known = known_strategies()
    found = []
    for name in dict.fromkeys(names):
        if name not in known:
            near = process.extract(name, list(known), limit=3, score_cutoff=60)
            hint = ", ".join(row[0] for row in near) or "one of " + ", ".join(known)
            message = f"there is no way to choose items called “{name}”"
            found.append(Finding("items.unknown_strategy", message, hint=hint))
    return found
