"""What a file says about whom: the structs of a mapping (docs/reference/mapping.md).

A mapping has one section per thing a row speaks of. Every row is read by every section whose
`where` holds for it; a row that one of them cannot read is refused as a whole.
"""

from collections.abc import Mapping as Map
from typing import Literal, TypeAlias

import msgspec

from lettershop.model.values import ValueType

Format = Literal["csv", "tsv", "whitespace", "jsonl", "parquet"]
Op = Literal[
    "equals",
    "not",
    "in",
    "not_in",
    "starts_with",
    "not_starts_with",
    "contains",
    "above",
    "below",
    "known",
]
Constant: TypeAlias = str | int | float | bool


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """One test on a column. Texts compare trimmed and exactly; `above`, `below` as numbers;
    `known` holds (or with False: fails) where the column is not blank."""

    column: str
    op: Op
    value: Constant | tuple[str, ...]


class Lookup(msgspec.Struct, frozen=True, kw_only=True):
    """Take another CSV file's column `take` where its column `match` equals the value."""

    file: str
    match: str
    take: str


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """Where a value comes from and how it is read. Exactly one source is given: `column`,
    `constant`, `multiply`, or `latitude` with `longitude`."""

    column: str = ""
    constant: Constant | None = None
    multiply: tuple["Value", ...] = ()
    latitude: "Value | None" = None
    longitude: "Value | None" = None
    type: ValueType | None = None
    format: tuple[str, ...] = ()
    timezone: str = ""
    decimal: str = "."
    thousands: str = ""
    true: tuple[str, ...] = ()
    false: tuple[str, ...] = ()
    split: str = ""
    trim: bool = False
    missing: tuple[str, ...] = ()
    values: Map[str, str] = {}
    lookup: Lookup | None = None
    currency: str = ""
    currency_column: str = ""


Values = Map[str, Value]
Conditions = tuple[Condition, ...]


class Section(msgspec.Struct, frozen=True, kw_only=True):
    """What all sections share. `line`: where it begins in the mapping, 0 for none."""

    where: Conditions = ()
    time: Value | None = None
    received: Value | None = None
    undated: bool = False
    line: int = 0


class ContactSection(Section, frozen=True, kw_only=True):
    name: str = "contact"
    user_id: Value | None = None
    email: Value | None = None
    anonymous_id: Value | None = None
    required: bool = True
    deleted: Value | None = None
    traits: Values = {}


class AccountSection(Section, frozen=True, kw_only=True):
    name: str = "account"
    id: Value
    required: bool = True
    deleted: Value | None = None
    traits: Values = {}


class MembershipSection(Section, frozen=True, kw_only=True):
    contact: str = "contact"
    account: str = "account"
    role: Value | None = None
    joined: Value | None = None
    left: Value | None = None


class EventSection(Section, frozen=True, kw_only=True):
    """`event`: the name, a constant or a column's. `id`: the columns of the message id."""

    event: Value
    contact: str = "contact"
    account: str = "account"
    id: tuple[Value, ...] = ()
    properties: Values = {}


class RecordSection(Section, frozen=True, kw_only=True):
    kind: str
    id: Value
    contact: str = "contact"
    account: str = "account"
    deleted: Value | None = None
    fields: Values = {}


class RefuseSection(msgspec.Struct, frozen=True, kw_only=True):
    """Rows for which `where` holds are refused, with this reason."""

    where: Conditions
    reason: str


class FileSection(msgspec.Struct, frozen=True, kw_only=True):
    """How the file is written. Empty means: find out, or (timezone) the workspace's."""

    format: Format | None = None
    delimiter: str = ""
    encoding: str = ""
    timezone: str = ""
    header: tuple[str, ...] = ()
    skip: int = 0
    time: Value | None = None
    received: Value | None = None
    where: Conditions = ()


class Mapping(msgspec.Struct, frozen=True, kw_only=True):
    file: FileSection = FileSection()
    contacts: tuple[ContactSection, ...] = ()
    accounts: tuple[AccountSection, ...] = ()
    memberships: tuple[MembershipSection, ...] = ()
    events: tuple[EventSection, ...] = ()
    records: tuple[RecordSection, ...] = ()
    refuse: tuple[RefuseSection, ...] = ()
    text: str = ""
    """The TOML it was read from: part of what identifies an import."""
    folder: str = ""
    """Where `lookup` files are looked for, before the folder of the imported file."""

    def time_of(self, section: Section) -> Value | None:
        """The section's own time, else the file's, else that of the first event: what a row says
        it says at one moment. None: the facts are without date."""
        if section.undated:
            return None
        own = section.time or self.file.time
        return own or next((e.time for e in self.events if e.time), None)

    def received_of(self, section: Section) -> Value | None:
        own = section.received or self.file.received
        return own or next((e.received for e in self.events if e.received), None)
