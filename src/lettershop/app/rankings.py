"""Ways to choose items by history, for letters: recommend/ introduced to the catalog."""

from collections.abc import Collection, Mapping, Sequence

import numpy as np

from lettershop.app.workspace import Workspace
from lettershop.content.audience import Audience
from lettershop.content.catalog.assortment import SIMPLE, Assortment
from lettershop.content.catalog.choosing import Bits, Ranked
from lettershop.content.recommend.asked import Interests
from lettershop.content.recommend.interactions import Matrix
from lettershop.content.recommend.model import Model
from lettershop.content.recommend.ranking import bought_by_recipients, rank_with
from lettershop.content.recommend.reading import interactions
from lettershop.content.recommend.strategies import STRATEGIES
from lettershop.content.recommend.traits import Codes, market_codes, markets_of, traits_of
from lettershop.content.template import Items
from lettershop.content.values.needs import Recipient

FIRMOGRAPHICS = ("industry", "employees", "country")
"""Fields of accounts, where there are any, by which those are alike that have bought little."""


def rankings_of(
    workspace: Workspace, shelves: Mapping[str, Assortment], sources: Sequence[Items], as_of: int
) -> "HistoryRankings | None":
    """None where nothing is asked that history answers. Reads the facts now."""
    asked = {s.catalog for s in sources if {*s.choose} - {*SIMPLE} or "bought" in s.exclude}
    return HistoryRankings(workspace, [shelves[name] for name in asked], as_of) if asked else None


class HistoryRankings:
    """`Rankings` of the catalog's chooser, of the facts at one moment."""

    def __init__(self, workspace: Workspace, shelves: Sequence[Assortment], as_of: int) -> None:
        store, self._as_of = workspace.store, as_of
        self._firms = traits_of(store, "account", FIRMOGRAPHICS, as_of)
        self._models = {shelf.name: self._model(workspace, shelf) for shelf in shelves}
        self._codes: Codes = market_codes(store, workspace.settings.market_field, as_of)
        fields = {shelf.definition.interest for shelf in shelves} - {""}
        self._interests = traits_of(store, "contact", sorted(fields), as_of)

    def _model(self, workspace: Workspace, shelf: Assortment) -> Model:
        said = shelf.definition
        found = interactions(
            workspace.store,
            shelf.ids,
            self._as_of,
            bought=said.bought,
            viewed=said.viewed,
            returned=said.returned,
        )
        return Model(found, shelf, self._as_of, self._firms)

    @property
    def repeatable(self) -> Collection[str]:
        return [row.name for row in STRATEGIES.values() if row.again]

    def ranked(
        self,
        way: str,
        shelf: Assortment,
        recipients: Sequence[Recipient],
        markets: Sequence[str | None],
        *,
        allowed: Bits,
        new_only: bool,
        k: int,
    ) -> Ranked:
        """`markets` that a source does not name are those of the setting `market_field`."""
        audience = self._audience(recipients)
        own = markets_of(self._codes, audience)
        return rank_with(
            self._models[shelf.name],
            way,
            audience,
            markets=[said or known for said, known in zip(markets, own, strict=True)],
            interests=self._interests_of(shelf, recipients),
            k=k,
            allowed=allowed,
            new_only=new_only,
        )

    def bought(self, shelf: Assortment, recipients: Sequence[Recipient]) -> Matrix:
        return bought_by_recipients(self._models[shelf.name], self._audience(recipients))

    def _interests_of(
        self, shelf: Assortment, recipients: Sequence[Recipient]
    ) -> Sequence[Interests]:
        values = self._interests.get(shelf.definition.interest)
        if values is None:
            return ()
        found: list[Interests] = []
        for who in recipients:
            said = values[who.contact] if who.contact < len(values) else None
            found.append((said,) if isinstance(said, str) else said or ())
        return found

    def _audience(self, recipients: Sequence[Recipient]) -> Audience:
        return Audience(
            segment="",
            as_of=self._as_of,
            contacts=np.array([who.contact for who in recipients], np.int32),
            accounts=np.array([who.account for who in recipients], np.int32),
            shown=np.zeros((len(recipients), 0), np.int8),
            matched={},
            defaults={},
        )
