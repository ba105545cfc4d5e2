"""A workspace with a campaign in it, and a crew whose answers a test chooses: freezing, preflight
and results stand beside the story of how a campaign moves from state to state."""

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
from opened_shop import Shop, open_shop

from lettershop.access.principal import Principal
from lettershop.app.campaigning.answers import CampaignAnswer
from lettershop.app.campaigning.contract import Examined, Told
from lettershop.app.campaigning.desk import Desk, Draft
from lettershop.app.campaigning.stepping import Campaigns
from lettershop.app.preflight.rows import of_send
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.said import Check, FreezeReport, PreflightReport
from lettershop.delivery.ledger import counting, leasing
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.ledger.rows import Outcome, Planned, SendRow

LETTER = """+++
subject = "Spring"
sender = "Ann <ann@example.com>"
+++
<html lang="en"><body><p>Spring! <a href="{{ unsubscribe_url }}">Unsubscribe</a></p></body></html>
"""
CONSENT = '[purpose.newsletter]\nbasis = "legitimate_interest"\n'
CAMPAIGN = """\
title = "Spring"
content = "hello"
include = ["all"]
purpose = "newsletter"
"""


class SmallFrozen:
    def __init__(self, rows: list[Planned], as_of: int) -> None:
        self._rows, self.content = rows, SendContent(template="hello", as_of=as_of)

    def rows(self) -> Iterable[Planned]:
        return iter(self._rows)

    def close(self) -> None:
        pass

    @property
    def report(self) -> FreezeReport:
        why: dict[str, int] = {}
        for row in self._rows:
            why[row.suppressed] = why.get(row.suppressed, 0) + 1
        return FreezeReport(
            as_of=self.content.as_of,
            audience=len(self._rows),
            rows=why,
            variants={"": why.get("", 0)},
            segments={"all": 0},
        )


class SmallCrew:
    """`people`: how many are in the audience; `checks`: what preflight says, of the dry run and of
    the rows; `stop`: what the stop rules say. `asked`: what it was asked for, in order. `slow`:
    seconds that a freeze takes."""

    def __init__(self) -> None:
        self.people, self.suppressed, self.due_at = 20, 2, 0
        self.checks: tuple[Check, ...] = ()
        self.on_rows: tuple[Check, ...] = ()
        self.stop: str | None = None
        self.error: Exception | None = None
        self.asked: list[str] = []
        self.slow = 0.0

    def audience(self, workspace: Workspace, campaign: Campaign, told: Told) -> FreezeReport:
        self.asked.append("audience")
        return self._frozen(workspace.clock.now()).report

    def examine(self, workspace: Workspace, campaign: Campaign, told: Told) -> Examined:
        self._do("examine", told)
        frozen = self._frozen(workspace.clock.now())
        return Examined(freeze=frozen.report, preflight=self._report(self.checks))

    def freeze(self, workspace: Workspace, campaign: Campaign, at: int, told: Told) -> SmallFrozen:
        self._do("freeze", told)
        return self._frozen(at)

    def examine_send(
        self,
        workspace: Workspace,
        campaign: Campaign,
        send: SendRow,
        freeze: FreezeReport,
        told: Told,
    ) -> PreflightReport:
        self._do("examine_send", told)
        assert sum(not one.suppressed for one in of_send(send.id)) == freeze.letters
        return self._report(self.on_rows)

    def stop_reason(self, workspace: Workspace, campaign: Campaign, send: SendRow) -> str | None:
        self.asked.append("stop_reason")
        return self.stop

    def _do(self, what: str, told: Told) -> None:
        self.asked.append(what)
        told(what, 0, self.people)
        end = time.monotonic() + self.slow
        while time.monotonic() < end:
            time.sleep(0.01)
            told(what, 1, self.people)
        if self.error is not None:
            raise self.error

    def _frozen(self, at: int) -> SmallFrozen:
        rows = [
            Planned(
                contact=f"user:U{n}",
                address=f"u{n}@example.com",
                suppressed="holdout" if n < self.suppressed else "",
                due_at=self.due_at,
            )
            for n in range(self.people)
        ]
        return SmallFrozen(rows, at)

    def _report(self, checks: tuple[Check, ...]) -> PreflightReport:
        return PreflightReport(as_of=0, messages=self.people - self.suppressed, checks=checks)


def minded(rule: str, level: str = "block", key: str = "") -> Check:
    """A rule that does not hold."""
    return Check(
        rule=rule,
        level=level,  # type: ignore[arg-type]
        title=rule,
        held="fails",
        said="It does not hold.",
        key=key or rule.lower(),
        fix="mend it",
    )


class Story:
    """A shop with a campaign `spring`; `step` is what the server does every second."""

    def __init__(self, shop: Shop, crew: SmallCrew) -> None:
        self.shop, self.crew, self.clock = shop, crew, shop.clock
        shop.running.campaigns.stop()
        self.campaigns = shop.running.campaigns = Campaigns(shop.engine, shop.clock, crew)

    def desk(self, who: str = "ann") -> Desk:
        settings = self.shop.engine.workspace.settings
        return Desk(self.shop.path, settings, Principal(who, "editor"), self.clock)

    def draft(self, more: str = "", name: str = "spring", who: str = "ann") -> CampaignAnswer:
        said = Draft(text=CAMPAIGN + more, source=f"campaigns/{name}.toml")
        with self.shop.engine.read() as workspace:
            return self.desk(who).draft(workspace, name, said)

    def checked(self, more: str = "") -> CampaignAnswer:
        self.draft(more)
        self.desk().ask_check("spring")
        return self.until(lambda one: not one.checking)

    def approved(self, more: str = "") -> CampaignAnswer:
        self.checked(more)
        return self.desk("bea").approve("spring")

    def sending(self, more: str = "") -> CampaignAnswer:
        """Until the first letters may leave."""
        self.approved(more)
        return self.until(lambda one: one.stage in ("canary", "all") or one.state != "sending")

    def step(self) -> CampaignAnswer:
        self.campaigns.step()
        return self.show()

    def show(self) -> CampaignAnswer:
        return self.desk().show("spring")

    def until(self, happened: Any, seconds: float = 60) -> CampaignAnswer:
        """Step until it is so, and nothing is being done with it."""
        end = time.monotonic() + seconds
        while True:
            found = self.step()
            while self.campaigns.working("spring") is not None:
                time.sleep(0.005)
            found = self.show()
            if happened(found):
                return found
            assert time.monotonic() < end, found
            time.sleep(0.01)

    def post(self, most: int = 1_000) -> int:
        """What senders would do: take what is due, and have it accepted."""
        found = self.show()
        now, sent = self.clock.now(), 0
        for number, _ in leasing.waiting(now):
            if number == found.send:
                rows = leasing.lease("s1", number, most, now + 60_000, now)
                rows = leasing.mark_attempting("s1", rows)
                sent += len(rows)
                leasing.settle(
                    "s1",
                    [
                        Outcome(id=row.id, state="accepted", at=now, attempts=1, attempted_at=now)
                        for row in rows
                    ],
                )
        return sent

    def states(self) -> dict[str, int]:
        """Rows of its send."""
        found = self.show()
        assert found.send is not None
        counted = counting.counts(found.send)
        assert counted.adds_up
        return {name: n for name, n in counted.states.items() if n}

    def moves(self) -> list[str]:
        return [one.move for one in self.show().moves]

    def change_letter(self) -> None:
        path = self.shop.path / "content" / "hello.html"
        path.write_text(path.read_text("utf-8").replace("Spring!", "Summer!"), "utf-8")

    def setting(self, **said: Any) -> None:
        workspace = self.shop.engine.workspace
        workspace.settings = msgspec.structs.replace(workspace.settings, **said)


def furnish(folder: Path) -> None:
    """What a campaign needs in the folder of a workspace."""
    (folder / "content").mkdir(exist_ok=True)
    (folder / "content" / "hello.html").write_text(LETTER, "utf-8")
    (folder / "segments" / "all.toml").write_text("where = 'everyone'\n", "utf-8")
    (folder / "consent.toml").write_text(CONSENT, "utf-8")


@contextmanager
def open_story(folder: Path, empty: Path | None) -> Iterator[Story]:
    with open_shop(folder, empty) as shop:
        furnish(folder)
        yield Story(shop, SmallCrew())
