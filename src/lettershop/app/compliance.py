"""Compliance introduced to the others: the secret, the records, the facts, the audit trail.

Caps count what the ledger knows (`sends`). Rooms that hold something of people are `holders`, by
name: they are asked for exports and erasures.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
from django.db import transaction

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app import people, records, timeline, upserts
from lettershop.app.forgetting import forget_names, names_of
from lettershop.app.sent import LedgerHolder, LedgerSends
from lettershop.app.workspace import Workspace
from lettershop.compliance.book import Book, open_book
from lettershop.compliance.caps import Sends
from lettershop.compliance.gate import Gate
from lettershop.compliance.person import (
    Erasure,
    Holder,
    PersonExport,
    erase_person,
    export_person,
)
from lettershop.compliance.policy import load_policy
from lettershop.compliance.rules import Policy
from lettershop.compliance.suppression import (
    NewSuppression,
    SuppressionAnswer,
    lift,
    suppress,
)
from lettershop.delivery.returns.person import ReturnsHolder
from lettershop.delivery.returns.spool import FOLDER as SPOOL
from lettershop.engines.duckdb.timeline import Wanted
from lettershop.model.clock import Clock, SystemClock
from lettershop.model.settings import Settings

SHORT = 16
"""Digits of a hash that name a person in the audit trail, which never forgets."""
PAGE = 5_000
REMAINS = (
    "earlier values and events in data/facts.duckdb, of a contact that has ended",
    "the raw requests in data/intake/ and imported files in data/kept/ they came in",
)


class Compliance:
    """Of one workspace; its records are connected (app/records.py)."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        sends: Sends | None = None,
        holders: Mapping[str, Holder] | None = None,
        clock: Clock | None = None,
        policy: Policy | None = None,
    ) -> None:
        """`policy`: another than that of the folder's consent.toml, which is read without it."""
        data = folder / "data"
        self.book: Book = open_book(records.secret_key(data).encode("ascii"))
        self.policy: Policy = policy or load_policy(folder)
        self.gate = Gate(self.book, self.policy, sends or LedgerSends(), zone=settings.timezone)
        self.clock = clock or SystemClock()
        ours: Mapping[str, Holder] = {
            "letters": LedgerHolder(),
            "returns": ReturnsHolder(data / SPOOL),
        }
        self._holders = ours if holders is None else holders

    def suppress(self, new: NewSuppression, by: Principal) -> bool:
        """Whether it is new; audited."""
        with transaction.atomic():
            added = suppress(self.book, new, by=by.name, at=self.clock.now())
            if added:
                audit(by, "suppression.add", self.named(new.address), reason=new.reason)
        return added

    def lift(self, number: int, by: Principal, why: str, *, force: bool) -> SuppressionAnswer:
        """Audited."""
        with transaction.atomic():
            done = lift(number, by=by.name, why=why, at=self.clock.now(), force=force)
            audit(by, "suppression.lift", f"address:{done.hash[:SHORT]}", number=number, why=why)
        return done

    def held(self, workspace: Workspace, who: str) -> PersonExport:
        """What is held about a person, to be counted: shown to nobody, so not audited."""
        now, facts = self.clock.now(), EngineFacts(workspace)
        return export_person(self.book, facts, who, now, self._holders)

    def export(self, workspace: Workspace, who: str, by: Principal) -> PersonExport:
        """Audited: somebody looked at everything of a person."""
        found = self.held(workspace, who)
        audit(by, "person.export", self._hashes([one.hash for one in found.addresses]))
        return found

    def erase(self, workspace: Workspace, who: str, by: Principal) -> Erasure:
        """Audited."""
        now, facts, names = self.clock.now(), EngineFacts(workspace), names_of(workspace, who)
        done = erase_person(self.book, facts, who, by=by.name, at=now, holders=self._holders)
        forget_names(names)
        audit(by, "person.erase", self._hashes(done.hashes), removed=dict(done.removed))
        return done

    def named(self, address: str) -> str:
        return f"address:{self.book.hashed(address).hash[:SHORT]}"

    def _hashes(self, hashes: Sequence[str]) -> str:
        return ", ".join(f"address:{one[:SHORT]}" for one in hashes) or "nobody’s address"


class EngineFacts:
    """What the engine knows of people (the Protocol of compliance/person.py)."""

    def __init__(self, workspace: Workspace) -> None:
        self._shop = workspace

    def addresses(self, who: str) -> Sequence[str]:
        found = people.contact(self._shop, who)
        return [one[6:] for one in found.identities if one.startswith("email:")]

    def export(self, who: str) -> Mapping[str, Any]:
        found = people.contact(self._shop, who)
        entries: list[Any] = []
        wanted = Wanted(limit=PAGE)
        while page := timeline.happened(self._shop, "contact", who, wanted):
            entries += [entry for entry, _ in page]
            if len(page) < PAGE:
                break
            wanted = msgspec.structs.replace(wanted, place=page[-1][1])
        built: Mapping[str, Any] = msgspec.to_builtins({"contact": found, "timeline": entries})
        return built

    def erase(self, who: str) -> Sequence[str]:
        """Facts that end the contact and its current values; what is kept of before is said."""
        found = people.contact(self._shop, who)
        kind, _, name = found.contact.partition(":")
        ended = {_FIELDS[kind]: name, "traits": dict.fromkeys(found.traits), "deleted": True}
        upserts.upsert_contacts(self._shop, [ended])
        return REMAINS


_FIELDS = {"user": "user_id", "email": "email", "anon": "anonymous_id"}
