"""Whom a campaign goes to: the segments it includes, without those it excludes."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
import numpy as np

from lettershop.app.audiences import Audiences
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.content.audience import Audience
from lettershop.content.gathering import gather
from lettershop.content.letter import Block
from lettershop.language.definition import Default, Definition
from lettershop.language.tree import Condition, InSegment, Or, Subject
from lettershop.language.words import quote
from lettershop.model.errors import UsageError
from lettershop.planning.frame import Ints
from lettershop.planning.order import needed

EXCLUDED: Final = "excluded\n"
"""The name of the hidden segment of those who are excluded; no segment can have it. It is asked of
contacts: who is excluded as somebody of one account gets no letter for another either."""
_OUT: Final = Block(name=EXCLUDED, conditions=(f"in segment {quote(EXCLUDED)}",), line=0)


class Whom(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """`segment`: the audience, by name or as a definition of its own. `definitions`: all there are;
    `excluding`: EXCLUDED is among them. `versions`: of the segments that the campaign names, 0 for
    one that only the folder has. `uncertain`: of those it hangs on, why (messages)."""

    segment: str | Definition
    excluding: bool
    definitions: Sequence[Definition]
    versions: Mapping[str, int]
    uncertain: Mapping[str, tuple[str, ...]]


def whom(workspace: Workspace, known: Audiences, campaign: Campaign, as_of: int) -> Whom:
    """NotFound `segment.unknown`; DefinitionError for a broken one; UsageError
    `audience.accounts`."""
    names = [*campaign.include, *campaign.exclude]
    found = {name: _named(known, name) for name in names}
    definitions, segment = [*known.definitions.values()], campaign.include[0]
    why = workspace.uncertain(needed(definitions, names), as_of)
    if campaign.exclude:
        where = _any(campaign.exclude)
        definitions.append(Definition(name=EXCLUDED, subject="contact", where=where))
    included = [found[name] for name in campaign.include]
    return Whom(
        segment=segment if len(included) == 1 else _together(campaign, included),
        excluding=bool(campaign.exclude),
        definitions=definitions,
        versions={name: known.versions.get(name, 0) for name in names},
        uncertain={n: tuple(one.message for one in said) for n, said in why.items() if said},
    )


def gathered(
    workspace: Workspace,
    known: Audiences,
    asked: Whom,
    blocks: Sequence[Block],
    wanted: set[str],
    as_of: int,
) -> Audience:
    """Everybody, as `gather` has them. `wanted`: properties of same-value conditions.

    Who is excluded is asked as the condition of one more block, which leaves it as it is whose
    account a letter speaks of."""
    questions = [*blocks, _OUT] if asked.excluding else [*blocks]
    found = gather(
        workspace.store,
        asked.definitions,
        asked.segment,
        questions,
        as_of,
        workspace.settings,
        adjust=known.adjust,
        wanted=wanted,
    )
    if not asked.excluding:
        return found
    stay = part(found, np.flatnonzero(found.shown[:, -1] != 0))
    return msgspec.structs.replace(stay, shown=stay.shown[:, :-1])


def part(audience: Audience, places: Ints) -> Audience:
    """Some of its recipients, in that order."""
    return msgspec.structs.replace(
        audience,
        contacts=audience.contacts[places],
        accounts=audience.accounts[places],
        shown=audience.shown[places],
        matched={name: values[places] for name, values in audience.matched.items()},
    )


def one_each(audience: Audience) -> Audience:
    """The first of each contact: somebody in two accounts gets one letter."""
    _, first = np.unique(audience.contacts, return_index=True)
    return part(audience, np.sort(first))


def _named(known: Audiences, name: str) -> Definition:
    found = known.named(name)
    if found.subject == "account":
        message = "letters go to people, and this is a segment of accounts"
        hint = "write one of people in them: subject people, where account in segment …"
        raise UsageError("audience.accounts", message, where=name, hint=hint)
    return found


def _together(campaign: Campaign, included: Sequence[Definition]) -> Definition:
    """People in accounts only where all of them are; the defaults of the first that has any."""
    people = all(one.subject == "people" for one in included)
    subject: Subject = "people" if people else "contact"
    defaults: tuple[Default, ...] = next((one.defaults for one in included if one.defaults), ())
    where = _any(campaign.include)
    return Definition(name=campaign.name, subject=subject, where=where, defaults=defaults)


def _any(names: Sequence[str]) -> Condition:
    parts = tuple(InSegment(name) for name in names)
    return parts[0] if len(parts) == 1 else Or(parts)
