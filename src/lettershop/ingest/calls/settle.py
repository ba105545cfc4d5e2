"""What facts of calls leave open is settled against the database, just before they are loaded.

A call that says somebody belongs to an account without naming a role says nothing about the role:
the fact repeats the one that is known. The `previousId` of an alias call may be a user id, an
address or an anonymous id: it is the one of these that is known, else an address if it looks like
one, else anonymous.
"""

from collections.abc import Sequence

import msgspec

from lettershop.engines.duckdb.standing import Pair, known_identities, roles_of
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.calls.translate import PREVIOUS
from lettershop.ingest.emails import normal_email
from lettershop.model.facts import AnyFact, ContactFact, EventFact, MembershipFact


def settle(store: Store, facts: Sequence[AnyFact]) -> list[AnyFact]:
    """The facts with nothing left open."""
    kinds = set(map(type, facts))
    found = list(facts)
    if MembershipFact in kinds:
        found = _with_roles(store, found)
    if ContactFact in kinds and any(isinstance(f, ContactFact) and f.alias for f in found):
        found = _with_sorts(store, found)
    return found


def _with_roles(store: Store, facts: Sequence[AnyFact]) -> list[AnyFact]:
    open_pairs = {
        (fact.contact, fact.account)
        for fact in facts
        if isinstance(fact, MembershipFact) and fact.joined and fact.role is None
    }
    roles: dict[Pair, str] = roles_of(store, open_pairs) if open_pairs else {}
    return [_with_role(fact, roles) if isinstance(fact, MembershipFact) else fact for fact in facts]


def _with_role(fact: MembershipFact, roles: dict[Pair, str]) -> MembershipFact:
    """`roles` follows the facts in order of arrival."""
    pair = (fact.contact, fact.account)
    if not fact.joined:
        roles.pop(pair, None)
    elif fact.role is not None:
        roles[pair] = fact.role
    elif pair in roles:
        return msgspec.structs.replace(fact, role=roles[pair])
    return fact


def _with_sorts(store: Store, facts: Sequence[AnyFact]) -> list[AnyFact]:
    aliases = [f for f in facts if isinstance(f, ContactFact) and f.alias]
    known = known_identities(store, {n for f in aliases for i in f.also for n in _readings(i)})
    found: list[AnyFact] = []
    for fact in facts:
        if isinstance(fact, ContactFact) and fact.alias:
            also = tuple(_sort(identity, known) for identity in fact.also)
            fact = msgspec.structs.replace(fact, also=also)
        if isinstance(fact, ContactFact):
            known.update((fact.contact, *fact.also))
        elif isinstance(fact, EventFact | MembershipFact) and fact.contact is not None:
            known.add(fact.contact)
        found.append(fact)
    return found


def _sort(identity: str, known: set[str]) -> str:
    if not identity.startswith(PREVIOUS):
        return identity
    readings = _readings(identity)
    return next((name for name in readings if name in known), readings[-1])


def _readings(identity: str) -> list[str]:
    """What a previous id can be, the likeliest first, and last what it is if none is known."""
    if not identity.startswith(PREVIOUS):
        return []
    said = identity.removeprefix(PREVIOUS)
    address = normal_email(said) if "@" in said else None
    if address is None:
        return ["user:" + said, "anon:" + said]
    return ["user:" + said, "anon:" + said, "email:" + address]
