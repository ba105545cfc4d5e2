"""What commands ask about campaigns: of the folder opened here, or of the running server."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol
from urllib.parse import quote

import msgspec

from lettershop.access.audit import LOCAL
from lettershop.app import records
from lettershop.app.campaigning.answers import CampaignAnswer, Working
from lettershop.app.campaigning.checking import check
from lettershop.app.campaigning.contract import Crew, Interrupted
from lettershop.app.campaigning.crew import HouseCrew
from lettershop.app.campaigning.desk import Desk, Draft
from lettershop.app.shop import LocalShop
from lettershop.app.workspace import Workspace
from lettershop.campaigns.reading import bad_name
from lettershop.campaigns.said import FreezeReport
from lettershop.cli.doors import opened
from lettershop.cli.remote import RemoteShop
from lettershop.content.catalog.assortment import Assortments
from lettershop.model.errors import UsageError

POLL = 0.1, 1.0
"""Seconds between two looks at a check: at first, and at most."""

Progress = Callable[[Working], None]
Stopped = Callable[[], bool]


class CampaignDesk(Protocol):
    """Errors are those of `Desk`. `stopped`: somebody has pressed Ctrl-C."""

    def all(self, limit: int = 50) -> Sequence[CampaignAnswer]: ...
    def show(self, name: str) -> CampaignAnswer: ...
    def write(self, name: str, said: Draft) -> CampaignAnswer: ...
    def whom(self, name: str) -> FreezeReport: ...
    def check(self, name: str, progress: Progress, stopped: Stopped) -> CampaignAnswer: ...
    def accept(self, name: str, key: str, reason: str) -> CampaignAnswer: ...
    def approve(self, name: str) -> CampaignAnswer: ...
    def start(self, name: str) -> CampaignAnswer: ...
    def undo(self, name: str, reason: str = "") -> CampaignAnswer: ...
    def go(self, name: str) -> CampaignAnswer: ...
    def pause(self, name: str, reason: str = "") -> CampaignAnswer: ...
    def resume(self, name: str) -> CampaignAnswer: ...
    def abort(self, name: str, reason: str = "") -> CampaignAnswer: ...
    @property
    def served(self) -> bool:
        """Whether a server is there that sends."""
        ...


@contextmanager
def opened_campaigns(workspace: Path | None, *, as_json: bool) -> Iterator[CampaignDesk]:
    """The campaigns of a command's workspace, its records brought up to date."""
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        match shop:
            case RemoteShop():
                yield RemoteCampaigns(shop)
            case LocalShop():
                records.connect(shop.path, shop.workspace.settings)
                try:
                    records.migrate()
                    with shop.workspace.store.snapshot():
                        yield LocalCampaigns(shop.workspace)
                finally:
                    records.disconnect()
            case _:
                raise TypeError(f"no campaigns are known of {type(shop).__name__}")


class LocalCampaigns(Desk):
    """Of a workspace that is open in this process. Nothing leaves: for that there is the server."""

    served = False

    def __init__(self, workspace: Workspace, crew: Crew | None = None) -> None:
        super().__init__(workspace.path, workspace.settings, LOCAL, workspace.clock)
        self._workspace = workspace
        self._crew = crew or HouseCrew(workspace.clock, Assortments())

    def write(self, name: str, said: Draft) -> CampaignAnswer:
        return self.draft(self._workspace, name, said)

    def whom(self, name: str) -> FreezeReport:
        return self.audience(self._workspace, name, self._crew, lambda what, done, total: None)

    def check(self, name: str, progress: Progress, stopped: Stopped) -> CampaignAnswer:
        def told(what: str, done: int, total: int) -> None:
            progress(Working(what=what, done=done, total=total))
            if stopped():
                raise Interrupted

        try:
            check(self._workspace, name, self._crew, LOCAL, self._workspace.clock, told)
        except Interrupted:
            raise KeyboardInterrupt from None
        return self.show(name)

    def start(self, name: str) -> CampaignAnswer:
        self.show(name)
        message = "letters leave from a running server, and there is none"
        raise UsageError("campaign.no_server", message, hint="lettershop up")


class _List(msgspec.Struct):
    items: list[CampaignAnswer]


class RemoteCampaigns:
    """Of a workspace that a server has open."""

    served = True

    def __init__(self, shop: RemoteShop) -> None:
        self._shop = shop

    def all(self, limit: int = 50) -> Sequence[CampaignAnswer]:
        return self._shop.ask("GET", "/campaigns", _List, params={"limit": limit}).items

    def show(self, name: str) -> CampaignAnswer:
        return self._shop.ask("GET", _path(name), CampaignAnswer)

    def write(self, name: str, said: Draft) -> CampaignAnswer:
        content = msgspec.json.encode(said)
        return self._shop.ask("PUT", _path(name), CampaignAnswer, content=content)

    def whom(self, name: str) -> FreezeReport:
        return self._shop.ask("GET", f"{_path(name)}/audience", FreezeReport)

    def check(self, name: str, progress: Progress, stopped: Stopped) -> CampaignAnswer:
        found = self._post(name, "check")
        pause, most = POLL
        while found.checking:
            if stopped():
                raise KeyboardInterrupt
            time.sleep(pause)
            pause = min(most, pause * 1.5)
            found = self.show(name)
            if found.working is not None:
                progress(found.working)
        return found

    def accept(self, name: str, key: str, reason: str) -> CampaignAnswer:
        return self._post(name, "accept", {"key": key, "reason": reason})

    def approve(self, name: str) -> CampaignAnswer:
        return self._post(name, "approve")

    def start(self, name: str) -> CampaignAnswer:
        return self._post(name, "start")

    def undo(self, name: str, reason: str = "") -> CampaignAnswer:
        return self._post(name, "undo", {"reason": reason})

    def go(self, name: str) -> CampaignAnswer:
        return self._post(name, "go")

    def pause(self, name: str, reason: str = "") -> CampaignAnswer:
        return self._post(name, "pause", {"reason": reason})

    def resume(self, name: str) -> CampaignAnswer:
        return self._post(name, "resume")

    def abort(self, name: str, reason: str = "") -> CampaignAnswer:
        return self._post(name, "abort", {"reason": reason})

    def _post(self, name: str, what: str, body: object = None) -> CampaignAnswer:
        content = msgspec.json.encode(body if body is not None else {})
        return self._shop.ask("POST", f"{_path(name)}/{what}", CampaignAnswer, content=content)


def _path(name: str) -> str:
    if problem := bad_name(name):
        raise UsageError("campaign.name", f"a name {problem}", where="name")
    return f"/campaigns/{quote(name, safe='')}"
