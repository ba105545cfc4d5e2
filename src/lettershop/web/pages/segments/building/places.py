"""Where a row stands: which fields it may name, and where their values are found."""

from collections.abc import Iterable, Mapping
from typing import Final, Literal

import msgspec

from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog, FieldInfo, Fields

Of = Literal["subject", "event", "record"]
SIDES: Final = ("account", "membership")


class Found(msgspec.Struct, frozen=True):
    """A field as a row names it, and the scope its values are kept under (`Catalog.everything`)."""

    path: str
    info: FieldInfo
    scope: str


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """`of`: what the tests are of. `inside`: of people of an account. `names`: of these events
    (none: of any), or of this kind of record."""

    catalog: Catalog
    subject: Subject
    segments: Mapping[str, Subject] = {}
    of: Of = "subject"
    names: tuple[str, ...] = ()
    inside: bool = False

    def event(self, names: tuple[str, ...]) -> "Place":
        """The tests of an event's properties."""
        return msgspec.structs.replace(self, of="event", names=names)

    def record(self, kind: str) -> "Place":
        return msgspec.structs.replace(self, of="record", names=(kind,))

    def people(self) -> "Place":
        """What is said of an account's people."""
        return msgspec.structs.replace(self, of="subject", subject="people", inside=True)

    @property
    def tests_only(self) -> bool:
        """Whether only values are tested here, as inside of a `where`."""
        return self.of != "subject"

    def fields(self) -> dict[str, Found]:
        """By path, those of the subject first."""
        found: dict[str, Found] = {}
        for prefix, scope, fields in self._groups():
            for info in fields.values():
                found.setdefault(prefix + info.name, Found(prefix + info.name, info, scope))
        return found

    def field(self, path: str) -> FieldInfo | None:
        """The first that is known by that path."""
        for prefix, _, fields in self._groups():
            if path.startswith(prefix) and (info := fields.get(path[len(prefix) :])):
                return info
        return None

    def scopes(self, path: str) -> list[str]:
        """Where values of that field are found."""
        name, known = self.bare(path), dict[str, Fields]()
        for prefix, scope, fields in self._groups():
            if path == prefix + name:
                known[scope] = fields
        return [scope for scope, fields in known.items() if name in fields]

    def bare(self, path: str) -> str:
        """The field's own name, without the side it is on."""
        side, dot, rest = path.partition(".")
        beside = self.of == "subject" and dot and side in SIDES
        return rest if beside else path

    def segment_names(self, *, account: bool) -> list[str]:
        """Those a row may refer to: of accounts, or of people."""
        wanted = account or self.subject == "account"
        return [name for name, of in self.segments.items() if (of == "account") == wanted]

    def _groups(self) -> Iterable[tuple[str, str, Fields]]:
        """(prefix of the path, scope, fields)"""
        catalog = self.catalog
        match self.of:
            case "event":
                for name in self.names or tuple(catalog.events):
                    if name in catalog.events:
                        yield "", f"event:{name}", catalog.events[name].properties
            case "record":
                for kind in self.names:
                    if kind in catalog.records:
                        yield "", f"record:{kind}", catalog.records[kind].fields
            case "subject" if self.subject == "account":
                yield "", "account", catalog.account
                yield "account.", "account", catalog.account
            case "subject":
                yield "", "contact", catalog.contact
                yield "account.", "account", catalog.account
                yield "membership.", "membership", catalog.membership
