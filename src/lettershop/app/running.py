"""The running server as its doors see it: set once at start, asked for by every request."""

import hmac
import secrets

from lettershop.access.principal import Principal
from lettershop.app.backups import Backups
from lettershop.app.campaigning.crew import HouseCrew
from lettershop.app.campaigning.stepping import Campaigns
from lettershop.app.deliverability.doctor import Doctor
from lettershop.app.drafts import Drafts
from lettershop.app.engine import Engine
from lettershop.app.feeds import Feeds
from lettershop.app.imports import Imports
from lettershop.app.live import Live
from lettershop.app.messaging.shelf import ReadyTemplates
from lettershop.app.postoffice.office import PostOffice
from lettershop.app.proofs import Proofs
from lettershop.app.refreshing.orders import Orders
from lettershop.app.streams import Streams
from lettershop.app.today.hindsight import Hindsight
from lettershop.app.vitals import Vitals
from lettershop.app.webhooks import Webhooks
from lettershop.content.catalog.assortment import Assortments
from lettershop.model.clock import Clock, SystemClock


class Running:
    """`local_token` is what commands on this machine show (see `serving.py`)."""

    def __init__(self, engine: Engine, *, live: Live | None = None, clock: Clock | None = None):
        self.engine = engine
        self.clock = clock or SystemClock()
        self.live = live or Live(self.clock)
        self.vitals = Vitals()
        self.imports = Imports(engine, self.clock)
        self.drafts = Drafts(engine, self.imports, self.clock)
        self.backups = Backups(engine, self.clock)
        self.feeds = Feeds(engine)
        self.streams = Streams(engine)
        self.refreshes = Orders()
        self.webhooks = Webhooks(engine, self.clock)
        self.catalogs = Assortments()
        self.templates = ReadyTemplates()
        self.proofs = Proofs(engine, self.clock, self.catalogs)
        self.campaigns = Campaigns(engine, self.clock, HouseCrew(self.clock, self.catalogs))
        self.doctor = Doctor(engine.workspace.path / "data", self.clock)
        self.hindsight = Hindsight(engine, self.clock)
        self.office: PostOffice | None = None
        """None where nothing is sent or taken in from: in tests of other parts."""
        self.local_token = secrets.token_urlsafe(32)

    def local(self, token: str) -> Principal | None:
        """The principal of a command on this machine, if the token is ours."""
        if hmac.compare_digest(token.encode(), self.local_token.encode()):
            return Principal("command line", "owner", "local")
        return None


_current: list[Running] = []


def running() -> Running:
    """The server of this process."""
    return _current[-1]


def set_running(server: Running | None) -> None:
    _current.clear()
    if server is not None:
        _current.append(server)


def workspace_zone() -> str:
    """The workspace's time zone; UTC where no server runs."""
    return _current[-1].engine.workspace.settings.timezone if _current else "UTC"
