"""One refresh of a workspace that no server has open: as the keeper does it."""

from lettershop.app.engine import Engine
from lettershop.app.keeping import Keeper
from lettershop.app.refreshing.elsewhere import Tell
from lettershop.app.refreshing.orders import Wish
from lettershop.app.refreshing.told import Refreshed
from lettershop.app.streams import Streams
from lettershop.app.workspace import Workspace


def refresh_once(workspace: Workspace, wish: Wish, tell: Tell) -> Refreshed:
    """Brings everything published current; the workspace is closed in the end. Records must be
    connected. Errors are those of `Keeper.refresh`."""
    engine = Engine(workspace)
    streams = Streams(engine)
    keeper = Keeper(engine, workspace.clock, streams)
    try:
        return keeper.refresh(wish, tell)
    finally:
        keeper.close()
        streams.stop()
        engine.close()
