"""What facts of calls leave open is settled against the database, just before they are loaded.

A call that says somebody belongs to an account without naming a role says nothing about the role:
the fact repeats the one that is known. The `previousId` of an alias call may be a user id, an
address or an anonymous id: it is the one of these that is known, else an address if it looks like
one, else anonymous.
"""

from collections.abc import Sequence

import msgspec

from lettershop.engines.duckdb.parts import Numbered, Part
from lettershop.engines.duckdb.standing import Pair, known_identities, roles_of
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.calls.translate import PREVIOUS
from lettershop.ingest.emails import normal_email
from lettershop.model.facts import AnyFact, ContactFact, EventFact, MembershipFact


def settle(store: Store, facts: Sequence[AnyFact]) -> list[AnyFact]:
    """The facts with nothing left open."""
    found = _with_roles(store, list(enumerate(facts)))
    settled = [fact for _, fact in found]
    return _with_sorts(store, settled) if any(map(_is_alias, settled)) else settled


def settle_others(store: Store, others: list[Numbered]) -> list[Numbered]:
    """The same for facts that are not events, where no fact is an alias: what that means depends
    on the events, too."""
    return _with_roles(store, others)


def has_alias(part: Part) -> bool:
    """Whether a part has a fact that can be settled only together with all others."""
    return any(_is_alias(fact) for _, fact in part.others)


def _is_alias(fact: AnyFact) -> bool:
    return isinstance(fact, ContactFact) and fact.alias


def _with_roles(store: Store, facts: list[Numbered]) -> list[Numbered]:
    joining = [fact for _, fact in facts if isinstance(fact, MembershipFact)]
    if not joining:
        return facts
    open_pairs = {(f.contact, f.account) for f in joining if f.joined and f.role is None}
    roles: dict[Pair, str] = roles_of(store, open_pairs) if open_pairs else {}
    return [
        (n, _with_role(fact, roles) if isinstance(fact, MembershipFact) else fact)
        for n, fact in facts
    ]


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
