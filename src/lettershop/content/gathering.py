"""Whom a letter goes to, as whom they read it, and which block each of them sees.

segment + conditions of the blocks -> one evaluation -> recipients -> blocks, matched values
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt
from rapidfuzz import process

from lettershop.content.audience import Audience
from lettershop.content.gathering_blocks import Conditions, read_conditions, shown
from lettershop.content.letter import Block
from lettershop.engines.duckdb.evaluate import Evaluation, evaluate
from lettershop.engines.duckdb.matched import matched_values
from lettershop.engines.duckdb.recipients import member_pairs, pair_each
from lettershop.engines.duckdb.refresh.adjust import Adjustment
from lettershop.engines.duckdb.refresh.refresher import read_before
from lettershop.engines.duckdb.store import Store
from lettershop.language.definition import Definition
from lettershop.model.errors import NotFound, UsageError
from lettershop.model.settings import Settings
from lettershop.planning.frame import Frame, Ids, Ints
from lettershop.planning.keep import Keep
from lettershop.planning.matched import same_values
from lettershop.planning.order import needed
from lettershop.planning.truth import Adjust

Adjusting = Callable[[Frame], Adjust]

ASKED: Final = "audience\n"
"""The name an audience is evaluated under that is a question of its own; no segment can have it."""


def as_kept(store: Store, keeps: Sequence[Keep]) -> Adjusting:
    """What `gather` wants as `adjust` of published segments: their modes and pins, from who was in
    before. `keeps`: the published definitions with versions and resolved pins, as the keeper has
    them (app/keeping.py)."""
    before = read_before(store)
    return lambda frame: Adjustment(store, frame, keeps, before.kept, before.members)


def gather(
    store: Store,
    definitions: Sequence[Definition],
    segment: str | Definition,
    blocks: Sequence[Block],
    as_of: int,
    settings: Settings | None = None,
    *,
    adjust: Adjusting | None = None,
    wanted: Collection[str] | None = None,
) -> Audience:
    """Everybody in a segment at `as_of` (milliseconds), asked in one evaluation with all blocks.

    `definitions`: the segments there are; those that are needed take part. `segment`: the name of
    one of them, or a definition of its own for an audience that is only asked for once. `adjust`:
    modes and pins of published segments, `as_kept(store, keeps)`; without it the rules alone.

    A segment of contacts has one recipient per contact. One of people in accounts has one per pair:
    somebody who is in it for two accounts gets two letters, each about one of them.
    `matched`: of the segment's same-value conditions, those of segments it asks to be in included,
    and, where these give nothing, the blocks'. Each costs a pass over its events: `wanted` are the
    properties that letters read (`destination`), None all of them.

    NotFound `segment.unknown`; UsageError `audience.accounts` for a segment of accounts;
    DefinitionError for what cannot be evaluated.
    """
    audience, asked = _asked(definitions, segment)
    conditions = read_conditions(blocks)
    found = _evaluated(store, asked, [audience], conditions, as_of, settings, adjust)
    slots = member_pairs(found, audience.name)
    return _laid(found, audience, conditions, slots, wanted)


def gather_one(
    store: Store,
    definitions: Sequence[Definition],
    blocks: Sequence[Block],
    contact: int,
    account: int | None,
    as_of: int,
    settings: Settings | None = None,
    *,
    segment: str | Definition | None = None,
    adjust: Adjusting | None = None,
) -> Audience:
    """The same for one contact (dense id), whether in the segment or not: for previews.

    `account`: the one the letter speaks of; None: the one it would speak of in a letter to
    `segment`, else the one joined first. Costs one evaluation of what blocks and segment ask.

    NotFound `audience.contact` for who is deleted or was never named, `audience.account` for an
    account they are not in; and as `gather`.
    """
    audience, asked = (None, definitions) if segment is None else _asked(definitions, segment)
    conditions = read_conditions(blocks)
    found = _evaluated(
        store, asked, [audience] if audience else [], conditions, as_of, settings, adjust
    )
    slots = _pair(found, audience, contact, account)
    return _laid(found, audience, conditions, slots, None)


def _asked(
    definitions: Sequence[Definition], segment: str | Definition
) -> tuple[Definition, Sequence[Definition]]:
    """The audience, and the definitions with it among them."""
    if isinstance(segment, Definition):
        audience = msgspec.structs.replace(segment, name=ASKED + segment.name)
        asked = [*definitions, audience]
    else:
        known = {definition.name: definition for definition in definitions}
        if segment not in known:
            near = process.extractOne(segment, [*known], score_cutoff=60)
            hint = f"did you mean “{near[0]}”?" if near else "lettershop segment list"
            raise NotFound("segment.unknown", f"there is no segment “{segment}”", hint=hint)
        audience, asked = known[segment], [*definitions]
    if audience.subject == "account":
        message = "letters go to people, and this is a segment of accounts"
        hint = "write one of people in them: subject people, where account in segment …"
        raise UsageError("audience.accounts", message, where=_name(audience), hint=hint)
    return audience, asked


def _evaluated(
    store: Store,
    definitions: Sequence[Definition],
    audience: Sequence[Definition],
    conditions: Conditions,
    as_of: int,
    settings: Settings | None,
    adjust: Adjusting | None,
) -> Evaluation:
    wanted = [*audience, *conditions.definitions]
    asked = needed([*definitions, *conditions.definitions], [d.name for d in wanted])
    return evaluate(store, asked, as_of, settings, adjust)


def _pair(
    found: Evaluation, audience: Definition | None, contact: int, account: int | None
) -> Ints:
    """The slot of one contact with the account, or with the best one."""
    frame = found.frame
    if not 0 <= contact < len(frame.contacts.live) - 1 or not frame.contacts.live[contact]:
        message = "this contact is deleted, or neither an address nor a user id is known"
        raise NotFound("audience.contact", message, hint="letters go to contacts with an address")
    if account is not None:
        own = (frame.pair_contact == contact) & (frame.pair_account == account)
        if account < 0 or not own.any():
            message = "this contact is not one of the account's people"
            raise NotFound("audience.account", message, hint="leave out the account")
        return np.flatnonzero(own)
    one = np.zeros(len(frame.contacts.live), np.bool_)
    one[contact] = True
    return pair_each(found, one, found.truth.whole[audience.name] if audience else None)


def _laid(
    found: Evaluation,
    audience: Definition | None,
    conditions: Conditions,
    slots: Ints,
    wanted: Collection[str] | None,
) -> Audience:
    """What was found, by recipient; `slots`: their pairs."""
    contacts, accounts = found.frame.pair_contact[slots], found.frame.pair_account[slots]
    asked = [*([audience] if audience else []), *conditions.definitions]
    return Audience(
        segment=_name(audience) if audience else "",
        as_of=found.frame.as_of,
        contacts=contacts,
        accounts=accounts,
        shown=shown(found, conditions, slots),
        matched=_matched(found, asked, contacts, accounts, wanted),
        defaults=_defaults(audience) if audience else {},
    )


def _matched(
    found: Evaluation,
    asked: Sequence[Definition],
    contacts: Ids,
    accounts: Ids,
    wanted: Collection[str] | None,
) -> dict[str, npt.NDArray[np.object_]]:
    """Per property the value of the first condition that has one, in the order they are written."""
    values: dict[str, npt.NDArray[np.object_]] = {}
    for definition in asked:
        for condition in same_values(definition, found.definitions):
            if wanted is not None and condition.name not in wanted:
                continue
            own = values.setdefault(condition.name, np.full(len(contacts), None, np.object_))
            open_ = np.flatnonzero([value is None for value in own])
            own[open_] = matched_values(found, condition, contacts[open_], accounts[open_])
    return values


def _defaults(audience: Definition) -> Mapping[str, Any]:
    """As letters have values: numbers exact."""
    return {
        default.name: Decimal(str(default.value))
        if isinstance(default.value, float)
        else default.value
        for default in audience.defaults
    }


def _name(audience: Definition) -> str:
    return audience.name.removeprefix(ASKED)
