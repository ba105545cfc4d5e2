"""What follows by itself: every second each campaign that may want it is moved one step on.

Looks only at what the records say, so that it may be repeated, and killed at any point.
"""

from typing import Final

import structlog

from lettershop.app.campaigning.answers import Working
from lettershop.app.campaigning.contract import Crew
from lettershop.app.campaigning.desk import fall_back, paused, released
from lettershop.app.campaigning.known import changed
from lettershop.app.campaigning.work import Work
from lettershop.app.engine import Engine
from lettershop.campaigns import records
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.records import BY_ITSELF, locked, moved, noted
from lettershop.campaigns.states import follows
from lettershop.delivery.ledger import controls, planning
from lettershop.model.clock import DAY, HOUR, MINUTE, SECOND, Clock, format_instant
from lettershop.model.errors import LettershopError

log = structlog.get_logger("lettershop.campaigns")

LATE: Final = 6 * HOUR
"""A campaign whose time is over for so long is not sent without another yes."""
WATCHED: Final = 3 * DAY
"""How long stop rules are asked after the end: complaints come late."""
WATCH: Final = 5 * SECOND
WATCH_ENDED: Final = MINUTE
LOOK: Final = 30 * SECOND
"""Between two looks whether an approved campaign's template is still the same."""


class Campaigns:
    """Of a running server. `step` is called every second; `stop` once."""

    def __init__(self, engine: Engine, clock: Clock, crew: Crew) -> None:
        self._engine, self._clock, self.crew = engine, clock, crew
        self._work = Work(engine, clock, crew)
        self._last: dict[tuple[str, int], int] = {}

    def step(self) -> bool:
        """Whether one has just begun, and wants the next step at once."""
        now, begun = self._clock.now(), False
        found = records.due(now - WATCHED)
        if any(record.state == "sending" for record in found):
            controls.tidy(now)
        for record in found:
            try:
                begun = self._step(record, now) or begun
            except LettershopError as error:  # of this one only: the others go on
                log.error("campaign.step", campaign=record.name, error=str(error))
        return begun

    def stop(self) -> None:
        self._work.stop()

    def check(self, name: str) -> None:
        """Begin a check somebody has asked for, rather than at the next step."""
        record = records.named(name)
        if record.check_asked_at:
            self._work.begin(record, "check")

    def working(self, name: str) -> Working | None:
        return self._work.working(name)

    def _step(self, record: CampaignRecord, now: int) -> bool:
        if record.check_asked_at:
            self._work.begin(record, "check")
        match record.state:
            case "approved":
                return self._approved(record, now)
            case "sending" | "paused":
                self._under_way(record, now)
            case "done":
                self._done(record, now)
            case "draft" | "checked" | "aborted":
                pass
        return False

    # --- before -----------------------------------------------------------------------------------

    def _approved(self, record: CampaignRecord, now: int) -> bool:
        if record.check_asked_at:
            return False  # whoever has it checked anew does not want the old one to leave
        due = record.start_at <= now
        if not due and not self._turn(record, LOOK, now):
            return False
        other = changed(self._engine.workspace.path, record)
        with locked(record.name) as mine:
            if mine.state != "approved" or mine.digest != record.digest or mine.check_asked_at:
                return False
            if other:
                fall_back(mine, BY_ITSELF, now)
            elif mine.start_at + LATE < now:
                said = f"it was due at {format_instant(mine.start_at)}, and nobody could send it"
                moved(mine, "miss", BY_ITSELF, now, said)
            elif mine.start_at <= now:
                moved(mine, "start", BY_ITSELF, now)
                mine.stage, mine.started_at = "freezing", now
                return True
        return False

    # --- under way --------------------------------------------------------------------------------

    def _under_way(self, record: CampaignRecord, now: int) -> None:
        if record.send and self._followed(record, now):
            return
        if record.state == "paused":
            return
        match record.stage:
            case "freezing":
                self._work.begin(record, "freeze")
            case "checking":
                self._work.begin(record, "examine")
            case "holding":
                self._hold(record, now)
            case "canary":
                self._canary(record, now)
            case "all":
                self._stopped(record, now)
            case "":
                pass

    def _followed(self, record: CampaignRecord, now: int) -> bool:
        """What was done directly with its send, or by the senders."""
        state = planning.send(record.send).state
        if follows(record.state, record.stage, state) is None:
            return False
        with locked(record.name) as mine:
            if mine.send != record.send:
                return True
            send = planning.send(mine.send)
            move = follows(mine.state, mine.stage, send.state)
            if move is not None:
                moved(mine, move, BY_ITSELF, now, send.reason)
                mine.ended_at = now if move in ("abort", "finish") else 0
        return True

    def _hold(self, record: CampaignRecord, now: int) -> None:
        if now < record.hold_until:
            return
        with locked(record.name) as mine:
            if (mine.state, mine.stage, mine.send) != ("sending", "holding", record.send):
                return
            controls.start(mine.send, now)
            mine.stage = "canary" if controls.withheld(mine.send) else "all"
            noted(mine, "leave", mine.state, BY_ITSELF, now)

    def _canary(self, record: CampaignRecord, now: int) -> None:
        canary = records.definition_of(record).canary
        minutes = canary.minutes if canary else 0
        over = bool(record.canary_at and minutes) and now >= record.canary_at + minutes * MINUTE
        if self._stopped(record, now, at_once=over):
            return
        out = not record.canary_at and not controls.untried(record.send, now)
        if not (over or out):
            return
        with locked(record.name) as mine:
            if (mine.state, mine.stage, mine.send) != ("sending", "canary", record.send):
                return
            if over:
                released(mine, BY_ITSELF, now, f"{minutes} minutes went well")
            else:
                mine.canary_at = now

    # --- stop rules -------------------------------------------------------------------------------

    def _stopped(self, record: CampaignRecord, now: int, *, at_once: bool = False) -> bool:
        reason = self._minded(record, now, at_once=at_once)
        if not reason:
            return False
        with locked(record.name) as mine:
            if (mine.state, mine.send, mine.watch_from) == (
                "sending",
                record.send,
                record.watch_from,
            ):
                paused(mine, BY_ITSELF, now, reason, stopped=True)
        return True

    def _done(self, record: CampaignRecord, now: int) -> None:
        if record.alarm or not record.send:
            return
        reason = self._minded(record, now)
        if reason:
            with locked(record.name) as mine:
                mine.alarm = reason
                noted(mine, "alarm", mine.state, BY_ITSELF, now, reason)

    def _minded(self, record: CampaignRecord, now: int, *, at_once: bool = False) -> str | None:
        every = WATCH_ENDED if record.state == "done" else WATCH
        if now < record.watch_from or not (self._turn(record, every, now) or at_once):
            return None
        campaign, send = records.definition_of(record), planning.send(record.send)
        with self._engine.read() as workspace:
            return self.crew.stop_reason(workspace, campaign, send)

    def _turn(self, record: CampaignRecord, every: int, now: int) -> bool:
        """Whether it is time again for this one."""
        key = (record.name, every)
        if self._last.get(key, 0) + every > now:
            return False
        self._last[key] = now
        return True
