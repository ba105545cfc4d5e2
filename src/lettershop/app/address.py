"""One contact's address explained: what it shows by itself, what the facts add, what it was."""

from collections.abc import Sequence
from typing import Final

import msgspec
from pyroaring import BitMap

from lettershop.app.addresses import check_addresses, with_needed
from lettershop.app.workspace import Workspace
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.explain import explain
from lettershop.language.definition import Definition
from lettershop.model.clock import format_instant
from lettershop.planning.explain import Explanation
from lettershop.profile.hygiene import judged
from lettershop.profile.hygiene.evidence import Evidence, evidence
from lettershop.profile.hygiene.knowledge import read_own
from lettershop.profile.hygiene.proven import spoken_of
from lettershop.profile.hygiene.states import AddressState, first_of
from lettershop.profile.hygiene.verdict import Verdict

CHANGES: Final = 10
"""Earlier states that are told, the latest."""


class RuleSaid(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of the evidence. `holds`: its condition does; `counts`: and it speaks of the
    present address."""

    rule: str
    label: str
    state: AddressState
    holds: bool
    counts: bool
    explanation: Explanation


class StateAt(msgspec.Struct, frozen=True):
    """A state that was written, and when."""

    at: str
    state: str | None


class AddressExplained(msgspec.Struct, frozen=True, kw_only=True):
    """`state` as it should be now; null without an address. `written` is what the field says.
    `changes` are its last values, the newest first."""

    contact: str
    address: str | None
    state: AddressState | None
    written: str | None
    verdict: Verdict | None = None
    rules: tuple[RuleSaid, ...] = ()
    changes: tuple[StateAt, ...] = ()


def explain_address(shop: Workspace, who: str) -> AddressExplained:
    """NotFound `contact.unknown`. On a server what is due may not be judged yet: then no rule
    about an address counts."""
    number = shop.subject_id("contact", who)
    name = shop.store.contact_names([number]).get(number, who)
    address, changes = _address(shop, number), _changes(shop, number)
    written = changes[0].state if changes else None
    if address is None:
        return AddressExplained(
            contact=name, address=None, state=None, written=written, changes=changes
        )
    verdict = check_addresses(shop, [address])[0]
    found = evidence(read_own(shop.path))
    needed = with_needed(shop, found)
    rules = tuple(_said(shop, rule, needed, number) for rule in found)
    shown = [rule.state for rule in rules if rule.counts]
    return AddressExplained(
        contact=name,
        address=address,
        state=first_of([verdict.state, *shown]),
        written=written,
        verdict=verdict,
        rules=rules,
        changes=changes,
    )


def _said(shop: Workspace, rule: Evidence, needed: Sequence[Definition], number: int) -> RuleSaid:
    now, one = shop.clock.now(), BitMap([number])
    why = explain(shop.store, needed, rule.name, number, now, shop.settings)
    holds = why.member
    counts = holds and judged.is_prepared(shop.store) and number in spoken_of(shop.store, rule, one)
    return RuleSaid(
        rule=rule.name,
        label=rule.label,
        state=rule.state,
        holds=holds,
        counts=counts,
        explanation=why,
    )


def _address(shop: Workspace, number: int) -> str | None:
    column = judged.address_column(shop.store)
    if column is None:
        return None
    query = sql("SELECT {c} FROM contacts WHERE id = $id", c=column)
    rows = shop.store.con.execute(query, {"id": number}).fetchall()
    return rows[0][0] if rows else None


def _changes(shop: Workspace, number: int) -> tuple[StateAt, ...]:
    rows = shop.store.con.execute(
        "SELECT ts, text FROM contact_history WHERE subject = $id AND key = 'address_state'"
        " ORDER BY ts DESC, received_at DESC, message_id DESC, rowid DESC LIMIT $most",
        {"id": number, "most": CHANGES},
    ).fetchall()
    return tuple(StateAt(format_instant(ts), text) for ts, text in rows)
