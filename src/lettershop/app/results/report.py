"""The results of a campaign, by its name. The records must be connected."""

from collections.abc import Mapping, Sequence

from lettershop.app.audiences import audiences
from lettershop.app.results.facts import answers
from lettershop.app.results.goals import ask_goal
from lettershop.app.results.ledger import letters
from lettershop.app.results.segments import memberships
from lettershop.app.workspace import Workspace
from lettershop.campaigns import records
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.results.making import Known, results as made
from lettershop.campaigns.results.rows import Bits, Letters
from lettershop.campaigns.results.said import Results
from lettershop.delivery.ledger import planning
from lettershop.delivery.ledger.content import content_of
from lettershop.delivery.ledger.rows import ENDED, SendRow
from lettershop.model.errors import DefinitionError, NotFound


def results(workspace: Workspace, name: str, by: Sequence[str], now: int) -> Results:
    """Of the campaign's last attempt. `by`: more segments to tell apart. NotFound
    `campaign.unknown`, `results.none` before anything was planned, `segment.unknown`;
    DefinitionError for a segment that cannot be evaluated. A goal that cannot be asked any more is
    said in the answer: everything else can be counted."""
    record = records.named(name)
    if not record.send:
        message = f"nothing of “{name}” has been sent yet"
        hint = f"lettershop campaign show {name} says how far it is"
        raise NotFound("results.none", message, hint=hint)
    send = planning.send(record.send)
    return results_of(workspace, records.definition_of(record), send, by, now)


def results_of(
    workspace: Workspace, campaign: Campaign, send: SendRow, by: Sequence[str], now: int
) -> Results:
    """Of one send."""
    store, known = workspace.store, audiences(workspace)
    frozen = content_of(send.content).as_of or send.created_at
    rows = letters(store, send.id, campaign.unit)
    goal, note = None, ""
    if campaign.goal is not None:
        try:
            goal = ask_goal(store, known, campaign.goal, rows, frozen, now)
        except (DefinitionError, NotFound) as error:
            note = f"The goal cannot be asked: {error}"
    there = [one for one in campaign.include if one in known.definitions]
    segments: Mapping[str, Bits] = memberships(store, known, [*there, *by], rows, frozen)
    return made(
        Known(
            campaign=campaign,
            sends=(send.id,),
            now=now,
            frozen=frozen,
            left=_left(rows, send),
            pixel=campaign.pixel,
            letters=rows,
            answers=answers(store, send.key, rows, now),
            goal=goal,
            note=note,
            segments=segments,
        )
    )


def _left(rows: Letters, send: SendRow) -> int | None:
    """When the last letter had left; None while some are still to."""
    ended = all(state in ENDED for state in set(rows.state.tolist()))
    return send.ended_at if ended and send.ended_at else None
