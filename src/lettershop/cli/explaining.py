"""An explanation with the pins in force: from the server, or from the records beside the folder."""

from lettershop.app import records
from lettershop.app.explaining import pins_about
from lettershop.app.shop import LocalShop, Shop
from lettershop.planning.explain import Explanation


def explained(shop: Shop, name: str, who: str, at: int) -> Explanation:
    """A folder that never had a server or a register has no records, so no pins either."""
    if not isinstance(shop, LocalShop):
        return shop.explain(name, who, at)
    settings = shop.workspace.settings
    if not settings.records and not (shop.path / "data" / records.SQLITE).exists():
        return shop.explain(name, who, at)
    records.connect(shop.path, settings)
    try:
        records.migrate()
        return shop.explain(name, who, at, pins_about)
    finally:
        records.disconnect()
