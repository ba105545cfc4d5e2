"""Whom a campaign would reach, while it is being written: sizes of its segments, and who of them is
in other campaigns of the coming days. Quick enough to be asked at every key stroke: members are
those that the refresher keeps; segments that it does not keep are evaluated.

Who of them may be written to is the freeze's question (Desk.audience), and takes longer.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import msgspec
import numpy as np
from pyroaring import BitMap

from lettershop.app.audiences import audiences
from lettershop.app.workspace import Workspace
from lettershop.campaigns import records
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.schedule import Moment, moment_of
from lettershop.campaigns.states import State
from lettershop.engines.duckdb.refresh.tables import read_kept, read_memberships
from lettershop.engines.duckdb.store import Store
from lettershop.language.tree import Subject
from lettershop.model.clock import DAY
from lettershop.model.errors import LettershopError
from lettershop.planning.order import needed

AROUND: Final = 7 * DAY
"""How far apart campaigns are told of that go to the same people."""
OTHERS: Final = 50
"""Campaigns that are looked at, the newest."""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A segment that letters may go to. `size`: None where it is not kept, thus not known yet."""

    name: str
    title: str
    subject: Subject
    size: int | None


class Shared(msgspec.Struct, frozen=True, kw_only=True):
    """Another campaign, and how many people (`both`) it shares with this one. `at`: ms, when it
    goes, 0 for at once."""

    name: str
    title: str
    state: State
    at: int
    both: int


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """People: in any included segment, of them taken out by exclusions, left. `sizes`: of each
    segment that is named and known."""

    included: int
    excluded: int
    left: int
    sizes: Mapping[str, int]
    shared: tuple[Shared, ...] = ()


def segments_of(workspace: Workspace) -> list[Listed]:
    """Those that letters may go to, by name."""
    kept = read_kept(workspace.store.con)
    found = audiences(workspace).definitions
    return [
        Listed(
            name=name,
            title=one.title,
            subject=one.subject,
            size=kept[name].size if name in kept else None,
        )
        for name, one in sorted(found.items())
        if one.subject != "account"
    ]


def reach(
    workspace: Workspace, include: Sequence[str], exclude: Sequence[str], at: int, name: str
) -> Reach:
    """`at`: ms, when it will go; `name`: of the campaign itself, not compared with. Segments that
    there are not, or are broken or of accounts, count as empty. Within a reader's snapshot, with
    the records connected."""
    others = [*_beside(workspace, name, at)]
    names = {*include, *exclude}
    for one, _ in others:
        names |= {*one.include, *one.exclude}
    people = contacts_in(workspace, sorted(names))
    there, out = _united(people, include), _united(people, exclude)
    mine = there - out
    shared = [_shared(campaign, record, people, mine, workspace) for campaign, record in others]
    return Reach(
        included=len(there),
        excluded=len(there & out),
        left=len(mine),
        sizes={one: len(people[one]) for one in (*include, *exclude) if one in people},
        shared=tuple(sorted((one for one in shared if one.both), key=lambda one: -one.both)),
    )


def contacts_in(workspace: Workspace, names: Sequence[str]) -> Mapping[str, BitMap]:
    """By name: dense ids of contacts; of a segment of people those people."""
    store, kept = workspace.store, read_kept(workspace.store.con)
    now = read_memberships(store.con, [name for name in names if name in kept])
    subjects: dict[str, Subject] = {name: kept[name].subject for name in now}
    missing = [name for name in names if name not in now]
    for name, subject, members in _evaluated(workspace, missing) if missing else ():
        now[name], subjects[name] = members, subject
    return {
        name: members if subjects[name] == "contact" else _people(store, members)
        for name, members in now.items()
        if subjects[name] != "account"
    }


def _evaluated(workspace: Workspace, names: Sequence[str]) -> Iterable[tuple[str, Subject, BitMap]]:
    known = audiences(workspace).definitions
    there = [name for name in names if name in known]
    if not there:
        return
    try:
        found = workspace.evaluate(None, needed([*known.values()], there))
    except LettershopError:
        return
    for name in there:
        yield name, known[name].subject, found.members(name)


def _people(store: Store, members: BitMap) -> BitMap:
    found = store.con.execute(
        "SELECT contact FROM people WHERE id IN (SELECT unnest($ids))",
        {"ids": np.array(members, np.int64).tolist()},
    ).fetchnumpy()
    return BitMap(np.asarray(found["contact"], np.uint32))


def _united(people: Mapping[str, BitMap], names: Sequence[str]) -> BitMap:
    found = [people[name] for name in names if name in people]
    return BitMap.union(*found) if found else BitMap()


def _beside(workspace: Workspace, name: str, at: int) -> Iterable[tuple[Campaign, CampaignRecord]]:
    """Campaigns that are to go, or are going, within a week of it."""
    for record in records.listed(OTHERS):
        if record.name == name or record.state in ("aborted", "done"):
            continue
        campaign = records.definition_of(record)
        goes = planned_at(campaign, workspace.settings.timezone) or workspace.clock.now()
        if abs(goes - at) <= AROUND:
            yield campaign, record


def planned_at(campaign: Campaign, zone: str) -> int:
    """ms; 0 for at once."""
    found = moment_of(campaign.at, zone) if campaign.at else None
    return found.at if isinstance(found, Moment) else 0


def _shared(
    campaign: Campaign,
    record: CampaignRecord,
    people: Mapping[str, BitMap],
    mine: BitMap,
    workspace: Workspace,
) -> Shared:
    theirs = _united(people, campaign.include) - _united(people, campaign.exclude)
    return Shared(
        name=record.name,
        title=campaign.title,
        state=record.state,
        at=record.start_at or planned_at(campaign, workspace.settings.timezone),
        both=len(theirs & mine),
    )
