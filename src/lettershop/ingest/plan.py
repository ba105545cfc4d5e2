"""A mapping over a source → the query that prepares a stretch of rows, and the stages cut from it.

A row is refused as a whole or feeds all of its sections.
"""

from collections.abc import Iterable
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from lettershop.engines.duckdb.stage import StageColumn
from lettershop.ingest import mapping as m
from lettershop.ingest.cells import Cells
from lettershop.ingest.fields import Field, Typing
from lettershop.ingest.prepared import Plan, Preparing, StagePlan, needed_by
from lettershop.ingest.source import Source
from lettershop.ingest.sql import (
    Expr,
    call,
    cases,
    coalesce,
    every,
    literal,
    named,
    tree,
)
from lettershop.model.clock import ALWAYS


class _Subject(NamedTuple):
    """A contact or account of the row: when its section applies, its identity or NULL."""

    on: Expr
    id: Expr
    also: Expr | None = None


class _When(NamedTuple):
    ts: Expr
    received: Expr
    undated: bool


def make_plan(
    mapping: m.Mapping, source: Source, cells: Cells, typing: Typing, file_hash: str
) -> Plan:
    """Raises InputError for columns the file does not have."""
    return _Planner(mapping, source, cells, typing, file_hash).plan()


class _Planner:
    def __init__(
        self, mapping: m.Mapping, source: Source, cells: Cells, typing: Typing, file_hash: str
    ) -> None:
        self.mapping, self.source, self.cells = mapping, source, cells
        self.typing, self.hash = typing, file_hash
        self.reasons: list[tuple[Expr, Expr]] = []
        self.used: list[Expr] = []
        self.flags: dict[str, Expr] = {}
        self.contacts: dict[str, _Subject] = {}
        self.accounts: dict[str, _Subject] = {}
        self.names: dict[str, int] = {}

    def plan(self) -> Plan:
        mapping = self.mapping
        keep = self.cells.holds(mapping.file.where)
        for refuse in mapping.refuse:
            reason = literal(f"row.refused: {refuse.reason}")
            self.reasons.append((self.cells.holds(refuse.where), reason))
        for contact in mapping.contacts:
            self.contacts[contact.name] = self._contact_subject(contact)
        for account in mapping.accounts:
            self.accounts[account.name] = self._account_subject(account)
        stages = [
            *(s for c in mapping.contacts for s in self._contact(c)),
            *(s for a in mapping.accounts for s in self._account(a)),
            *(s for b in mapping.memberships for s in self._membership(b)),
            *(self._record(r) for r in mapping.records),
            *(self._event(e) for e in mapping.events),
        ]
        preparing = Preparing(
            source=self.source,
            cells=self.cells,
            reasons=self.reasons,
            keep=keep,
            used=self.used,
            flags=list(self.flags.values()),
            needed=needed_by(stages),
        )
        return Plan(rows=preparing, stages=tuple(stages))

    def _refuse(self, condition: Expr, code: str) -> None:
        self.reasons.append((condition, literal(code)))

    def _contact_subject(self, section: m.ContactSection) -> _Subject:
        on = self.cells.holds(section.where)
        ids: list[Expr] = []
        bad_email: Expr = literal(False)
        if section.user_id:
            ids.append(_prefixed("user:", self.cells.id_text(section.user_id)))
        if section.email:
            email, present = self.cells.email(section.email)
            ids.append(_prefixed("email:", email))
            bad_email = tree("$p AND $e IS NULL", p=present, e=email)
        if section.anonymous_id:
            ids.append(_prefixed("anon:", self.cells.id_text(section.anonymous_id)))
        identity = self.cells.add(cases([(on, coalesce(*ids))]))
        nobody = tree("$on AND $id IS NULL", on=on, id=identity)
        if section.email:
            self._refuse(every([nobody, bad_email]), "email.invalid")
        if section.required:
            self._refuse(nobody, "contact.missing")
        also = None
        if len(ids) > 1:
            known = tree("list_filter($all, lambda v: v IS NOT NULL)", all=call("list_value", *ids))
            also = self.cells.add(tree("list_slice($known, 2, len($known))", known=known))
        return _Subject(tree("$on AND $id IS NOT NULL", on=on, id=identity), identity, also)

    def _account_subject(self, section: m.AccountSection) -> _Subject:
        on = self.cells.holds(section.where)
        identity = self.cells.add(cases([(on, self.cells.id_text(section.id))]))
        if section.required:
            self._refuse(tree("$on AND $id IS NULL", on=on, id=identity), "account.missing")
        return _Subject(tree("$on AND $id IS NOT NULL", on=on, id=identity), identity)

    def _when(self, section: m.Section, on: Expr) -> _When:
        """Times of a section; where they cannot be read the row is refused."""
        value = self.mapping.time_of(section)
        if value is None:
            always = tree("CAST($t AS BIGINT)", t=ALWAYS)
            return _When(always, always, True)
        ts = self._instant(value, on, "time", needed=True)
        received = self.mapping.received_of(section)
        if received is None:
            return _When(ts, ts, False)
        at = self._instant(received, on, "received", needed=False)
        return _When(ts, coalesce(at, ts), False)

    def _instant(self, value: m.Value, on: Expr, what: str, *, needed: bool) -> Expr:
        cell = self.cells.cell(value, "time")
        bad = tree("$on AND $v IS NULL", on=on, v=cell.value)
        self._refuse(every([bad, cell.present]), f"{what}.invalid")
        if needed:
            self._refuse(bad, f"{what}.missing")
        return cell.value

    def _fields(self, scope: str, values: m.Values, *, traits: bool) -> tuple[StageColumn, ...]:
        found = self.typing.fields(scope, values)
        return tuple(self._column(field, traits=traits) for field in found)

    def _column(self, field: Field, *, traits: bool) -> StageColumn:
        cell = self.cells.cell(field.value, field.kind)
        value = self.cells.add(cell.value)
        wrong = None
        if field.value.constant is None:
            bad = tree("$p AND $v IS NULL", p=cell.present, v=value)
            wrong = "wrong_" + value.name
            original = cases([(bad, self.cells.original(field.value))])
            self.flags.setdefault(wrong, named(bad, wrong))
            self.flags.setdefault(
                "original_" + value.name, named(original, "original_" + value.name)
            )
        written = cell.written.name if traits and cell.written is not None else None
        return StageColumn(
            name=field.name,
            type=field.kind,
            column=value.name,
            written=written,
            wrong=wrong,
            currency=field.currency,
            constant_currency=field.value.currency,
        )

    def _prefix(self, label: str) -> str:
        """Message ids from row numbers begin with this: the same for every import of the file
        under the same name, so that a second import finds its facts again."""
        n = self.names[label] = self.names.get(label, 0) + 1
        return message_prefix(self.hash, f"{label}#{n}")

    def _contact(self, section: m.ContactSection) -> Iterable[StagePlan]:
        subject = self.contacts[section.name]
        when = self._when(section, subject.on)
        traits = dict(section.traits)
        if section.email and traits.get("email", section.email) == section.email:
            traits.pop("email", None)
        fields = self._fields("contact", traits, traits=True)
        if section.email and "email" not in traits:
            fields = (self._address(section.email), *fields)
        also = subject.also or tree("CAST([] AS VARCHAR[])")
        if not section.traits and self._is_named_anyway(section):
            return
        self.used.append(subject.on)
        yield StagePlan(
            sort="contact",
            label="contact",
            fixed=(
                named(subject.id, "identity"),
                named(also, "also"),
                *_times(when),
                named(self._deleted(section.deleted), "deleted"),
            ),
            condition=subject.on,
            fields=fields,
            repeats=True,
            undated=when.undated,
            prefix=self._prefix("contact"),
        )

    def _address(self, value: m.Value) -> StageColumn:
        """The address as a trait. Next to a user id a bad one does not refuse the row: it is an
        ill-typed value of this field."""
        email, present = self.cells.email(value)
        wrong, kept = f"wrong_{email.name}", f"original_{email.name}"
        bad = tree("$p AND $e IS NULL", p=present, e=email)
        self.flags.setdefault(wrong, named(bad, wrong))
        self.flags.setdefault(kept, named(cases([(bad, self.cells.original(value))]), kept))
        written = present.name if self.source.format == "jsonl" else None
        return StageColumn(name="email", type="text", column=email.name, wrong=wrong,
                           written=written)  # fmt: skip

    def _is_named_anyway(self, section: m.ContactSection) -> bool:
        """An event of every row names the contact: the contact's own facts would say nothing."""
        several = sum(v is not None for v in (section.user_id, section.email, section.anonymous_id))
        return (
            several == 1
            and section.deleted is None
            and any(e.contact == section.name and not e.where for e in self.mapping.events)
        )

    def _deleted(self, value: m.Value | None) -> Expr:
        if value is None:
            return tree("CAST(NULL AS BOOLEAN)")
        return self.cells.add(self.cells.cell(value, "boolean").value)

    def _account(self, section: m.AccountSection) -> Iterable[StagePlan]:
        subject = self.accounts[section.name]
        when = self._when(section, subject.on)
        self.used.append(subject.on)
        yield StagePlan(
            sort="account",
            label="account",
            fixed=(
                named(subject.id, "identity"),
                *_times(when),
                named(self._deleted(section.deleted), "deleted"),
            ),
            condition=subject.on,
            fields=self._fields("account", section.traits, traits=True),
            repeats=True,
            undated=when.undated,
            prefix=self._prefix("account"),
        )

    def _membership(self, section: m.MembershipSection) -> Iterable[StagePlan]:
        contact, account = self.contacts[section.contact], self.accounts[section.account]
        on = every([self.cells.holds(section.where), contact.on, account.on])
        self.used.append(on)
        role: Expr = tree("CAST(NULL AS VARCHAR)")
        if section.role:
            role = self.cells.add(self.cells.cell(section.role, "text").value)
        joined = section if section.joined is None else _at(section, section.joined)
        yield self._membership_stage(joined, on, contact, account, role, joined=True)
        if section.left:
            present = self.cells.cell(section.left, "time").present
            left = _at(section, section.left)
            gone = every([on, present])
            yield self._membership_stage(left, gone, contact, account, role, joined=False)

    def _membership_stage(
        self,
        section: m.MembershipSection,
        on: Expr,
        contact: _Subject,
        account: _Subject,
        role: Expr,
        *,
        joined: bool,
    ) -> StagePlan:
        when = self._when(section, on)
        return StagePlan(
            sort="membership",
            label="membership",
            fixed=(
                named(contact.id, "contact"),
                named(account.id, "account"),
                named(literal(joined), "joined"),
                named(role, "role"),
                *_times(when),
            ),
            condition=on,
            repeats=True,
            undated=when.undated,
            prefix=self._prefix("membership"),
        )

    def _linked(self, wanted: str, subjects: dict[str, _Subject]) -> Expr:
        subject = subjects.get(wanted)
        return subject.id if subject else tree("CAST(NULL AS VARCHAR)")

    def _record(self, section: m.RecordSection) -> StagePlan:
        on = self.cells.holds(section.where)
        identity = self.cells.id_text(section.id)
        self._refuse(tree("$on AND $id IS NULL", on=on, id=identity), "id.missing")
        when = self._when(section, on)
        self.used.append(on)
        return StagePlan(
            sort="record",
            label=section.kind,
            kind=section.kind,
            fixed=(
                named(identity, "identity"),
                named(self._linked(section.contact, self.contacts), "contact"),
                named(self._linked(section.account, self.accounts), "account"),
                *_times(when),
                named(self._deleted(section.deleted), "deleted"),
            ),
            condition=on,
            fields=self._fields(f"record:{section.kind}", section.fields, traits=True),
            repeats=True,
            undated=when.undated,
            prefix=self._prefix(f"record:{section.kind}"),
        )

    def _event(self, section: m.EventSection) -> StagePlan:
        on = self.cells.holds(section.where)
        self.used.append(on)
        event = self.cells.id_text(section.event)
        self._refuse(tree("$on AND $e IS NULL", on=on, e=event), "event.no_name")
        contact = self._linked(section.contact, self.contacts)
        account = self._linked(section.account, self.accounts)
        nobody = tree("$on AND $c IS NULL AND $a IS NULL", on=on, c=contact, a=account)
        self._refuse(nobody, "subject.missing")
        when = self._when(section, on)
        label = event_scope(section)
        ids = self._message_id(section, event, on)
        return StagePlan(
            sort="event",
            label=label,
            fixed=(
                named(event, "name"),
                named(contact, "contact"),
                named(account, "account"),
                *_times(when),
                *ids,
            ),
            condition=on,
            fields=self._fields(label, section.properties, traits=False),
            prefix="" if ids else self._prefix(label),
        )

    def _message_id(self, section: m.EventSection, event: Expr, on: Expr) -> list[Expr]:
        """From the mapping's columns: one is taken as it is, several are joined behind the name."""
        if not section.id:
            return []
        parts = [self.cells.id_text(value) for value in section.id]
        for part in parts:
            self._refuse(tree("$on AND $p IS NULL", on=on, p=part), "id.missing")
        whole = parts[0]
        if len(parts) > 1:
            whole = event
            for part in parts:
                whole = tree("$a || '/' || $b", a=whole, b=part)
        return [named(whole, "message_id")]


def event_scope(section: m.EventSection) -> str:
    """`event:Name`, or `events:column` where the names are data."""
    constant = section.event.constant
    return f"events:{section.event.column}" if constant is None else f"event:{constant}"


def message_prefix(file_hash: str, label: str) -> str:
    digest = blake2b(f"{file_hash}\n{label}".encode(), digest_size=8)
    return digest.hexdigest() + ":"


def _prefixed(prefix: str, text: Expr) -> Expr:
    return tree("$p || $t", p=prefix, t=text)


def _times(when: _When) -> tuple[Expr, Expr]:
    return named(when.ts, "ts"), named(when.received, "received_at")


def _at(section: m.MembershipSection, time: m.Value) -> m.MembershipSection:
    return msgspec.structs.replace(section, time=time, undated=False)
