"""What decides who gets which letter: facts for DATA-1, DATA-2, DATA-3 and DATA-5."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from lettershop.app.letters import Letters
from lettershop.app.uncertain import patience
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.content.proof.records import Locked
from lettershop.content.template import Events, LastEvent
from lettershop.delivery.models import Send
from lettershop.engines.duckdb.feeds import feeds
from lettershop.language import tree
from lettershop.language.definition import Definition
from lettershop.language.walk import walk
from lettershop.model.clock import DAY
from lettershop.planning.order import needed
from lettershop.segments.uncertain import message, state_of

EARLIER: Final = 5
"""Sends to the same segments that an audience is compared with."""
LOOKED: Final = 200
WEEK: Final = 7 * DAY


def hangs_on(letters: Letters, campaign: Campaign) -> list[Definition]:
    """All segments that decide about the audience, with those they refer to."""
    known = [*letters.audiences.definitions.values()]
    return needed(known, [*campaign.include, *campaign.exclude])


def events_read(
    letters: Letters, campaign: Campaign, definitions: Sequence[Definition]
) -> list[str]:
    """Events that the segments or the letters read."""
    found = dict.fromkeys(name for one in definitions for name in _named(one))
    for one in campaign.letters:
        for source in letters.shelf.named(one.content).data.values():
            if isinstance(source, LastEvent | Events):
                found[source.event] = None
    return [*found]


def silent(workspace: Workspace, events: Sequence[str], as_of: int) -> Mapping[str, str]:
    """Of those that are not heard of any more, why (in words)."""
    used = patience(workspace.settings)
    known = feeds(workspace.store, as_of, events)
    late = {name: one for name, one in known.items() if state_of(one, as_of, used) == "silent"}
    return {name: message(one, as_of) for name, one in late.items()}


def uncertain(
    workspace: Workspace, definitions: Sequence[Definition], as_of: int
) -> Mapping[str, Sequence[str]]:
    """Of uncertain segments, why (in words)."""
    found = workspace.uncertain(definitions, as_of)
    return {name: [one.message for one in why] for name, why in found.items() if why}


def earlier(campaign: Campaign, without: int) -> list[int]:
    """Audiences of earlier sends to the same segments, the newest first. `without`: the send that
    is looked at."""
    wanted = {*campaign.include, *campaign.exclude}
    sends = Send.objects.filter(kind="campaign", started_at__gt=0).exclude(id=without)
    newest = sends.order_by("-id").values_list("content", "planned")[:LOOKED]
    same = (planned for content, planned in newest if {*content.get("segments", ())} == wanted)
    return [planned for planned, _ in zip(same, range(EARLIER), strict=False)]


def members(
    workspace: Workspace, definitions: Sequence[Definition], campaign: Campaign, as_of: int
) -> tuple[int, int]:
    """Of the segments that the campaign includes, a week before and at that moment."""
    then = workspace.evaluate(as_of - WEEK, definitions)
    now = workspace.evaluate(as_of, definitions)
    names = campaign.include
    return sum(map(then.size, names)), sum(map(now.size, names))


def locked(letters: Letters, campaign: Campaign) -> list[Locked]:
    """Why letters of the campaign may not go to segments of it. A segment without members has
    nothing to prove."""
    pairs = ((one.content, segment) for one in campaign.letters for segment in campaign.include)
    found = []
    for content, segment in dict.fromkeys(pairs):
        lock = letters.locked(content, segment)
        if lock is not None and (lock.proof is not None or letters.has_readers(content, segment)):
            found.append(lock)
    return found


def _named(definition: Definition) -> Iterator[str]:
    for node in walk(definition.where):
        if isinstance(node, tree.Events | tree.Step):
            yield from node.names
