"""Everything that the first page of the morning says."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import msgspec

from lettershop.access.principal import Principal
from lettershop.app.deliverability.gathering import situation
from lettershop.app.deliverability.light import Light, Situation, light
from lettershop.app.running import Running
from lettershop.app.today import alarms, campaigning, data, expiring, running, tasks
from lettershop.app.today.alarms import Alarm
from lettershop.app.today.beginning import Step, beginning
from lettershop.app.today.days import Days, last_days
from lettershop.app.today.growth import Growth, growth
from lettershop.app.today.mail import Mail, mail
from lettershop.app.today.moving import Moving, moving, young
from lettershop.app.today.tasks import Task
from lettershop.app.workspace import Workspace
from lettershop.segments.register import InForce, in_force

DAYS = 30


class Today(msgspec.Struct, frozen=True, kw_only=True):
    """As `by` sees it at `now` (ms), in days of their zone. `beginning`: empty but in a new
    workspace."""

    now: int
    days: Days
    growth: Growth
    mail: Mail
    light: Light
    moving: Moving
    alarms: Sequence[Alarm]
    tasks: Sequence[Task]
    beginning: tuple[Step, ...]


def today(server: Running, workspace: Workspace, by: Principal, zone: ZoneInfo) -> Today:
    """Within a reader's snapshot, with the records connected."""
    now, store = server.clock.now(), workspace.store
    days = last_days(DAYS, now, zone)
    found, published = situation(server, workspace), in_force(now)
    return Today(
        now=now,
        days=days,
        growth=growth(store, days),
        mail=mail(store, days),
        light=light(found),
        moving=moved(server, workspace, published),
        alarms=alarmed(server, workspace, published),
        tasks=waiting(workspace, found, by),
        beginning=beginning(workspace),
    )


def moved(server: Running, workspace: Workspace, published: InForce) -> Moving:
    now, store = server.clock.now(), workspace.store
    found = moving(store, now, server.hindsight.sizes(young(store, now)))
    titles = {one.name: one.definition.title or "" for one in published.published}
    named = (msgspec.structs.replace(one, title=titles.get(one.name, "")) for one in found.items)
    return msgspec.structs.replace(found, items=tuple(named))


def alarmed(server: Running, workspace: Workspace, published: InForce) -> Sequence[Alarm]:
    now = server.clock.now()
    found = [
        *data.alarms(workspace, published, now),
        *running.alarms(server, workspace, now),
    ]
    return alarms.in_order(found)


def waiting(workspace: Workspace, found: Situation, by: Principal) -> Sequence[Task]:
    path, settings, now = workspace.path, workspace.settings, found.now
    return tasks.in_order(
        [
            *campaigning.tasks(by, settings, now),
            *expiring.tasks(by, path / "data", found.domains, now, leaves=found.leaves),
        ]
    )
