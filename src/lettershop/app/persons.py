"""What is held about a person, counted: before it is exported or erased."""

from collections import Counter
from collections.abc import Mapping

import msgspec

from lettershop.app.compliance import Compliance
from lettershop.app.running import Running
from lettershop.app.workspace import Workspace


class Held(msgspec.Struct, frozen=True, kw_only=True):
    """`contact`: the identity that names them for ever, "" when only records know the address;
    `timeline`: entries by sort. `others`: what other rooms hold (letters, returns)."""

    who: str
    contact: str
    name: str
    deleted: bool
    addresses: tuple[str, ...]
    traits: int
    accounts: int
    timeline: Mapping[str, int]
    suppressions: int
    consents: int
    topics: int
    others: Mapping[str, int]


def compliance_of(server: Running) -> Compliance:
    """By what consent.toml says now."""
    workspace = server.engine.workspace
    return Compliance(workspace.path, workspace.settings, clock=server.clock)


def held_about(desk: Compliance, workspace: Workspace, who: str) -> Held:
    """NotFound `contact.unknown` when nothing is."""
    found = desk.held(workspace, who)
    facts = found.facts or {}
    contact = facts.get("contact", {})
    entries = facts.get("timeline", ())
    return Held(
        who=who,
        contact=contact.get("contact", ""),
        name=contact.get("name") or "",
        deleted=bool(contact.get("deleted")),
        addresses=tuple(one.address for one in found.addresses),
        traits=len(contact.get("traits", ())),
        accounts=len(contact.get("accounts") or ()),
        timeline=dict(Counter(str(entry.get("kind", entry.get("type", ""))) for entry in entries)),
        suppressions=sum(len(one.suppressions) for one in found.addresses),
        consents=sum(len(one.consents) for one in found.addresses),
        topics=sum(len(one.topics) for one in found.addresses),
        others={name: len(rows) for name, rows in found.others.items()},
    )
