"""Recipients, and what their contact, account, membership and account manager say."""

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from typing import Any, NamedTuple

from lettershop.content.owners import Owners
from lettershop.content.values.cells import Array, plain, zones_of
from lettershop.content.values.needs import Recipient
from lettershop.content.values.tables import Tables
from lettershop.content.values.trees import Keys, Tree, put, rows_as_trees
from lettershop.content.values.wanted import Leaf, Wanted
from lettershop.planning.metrics import FieldScope

Cells = Sequence[Any]


class Stretch(NamedTuple):
    """Recipients with consecutive places; each one's zone; what is known of each so far."""

    recipients: Sequence[Recipient]
    zones: Sequence[tzinfo]
    values: Sequence[Tree]


class Traits:
    def __init__(self, tables: Tables, asked: Wanted, owners: Owners) -> None:
        self._tables, self._asked, self._owners = tables, asked, owners
        self._table = tables.traits()
        self._settings = tables.store.settings
        self._leaves: Mapping[FieldScope, Sequence[Leaf]] = {
            "contact": asked.contact,
            "account": asked.account,
            "membership": asked.membership,
        }
        self._owned = any(path[0] == "owner" for path in asked.paths)

    def stretch(self, start: int, end: int) -> Stretch:
        """The recipients with start <= place < end."""
        rows = _Rows(self._tables, self._tables.stretch(self._table, start, end), end - start)
        settings = self._settings
        zones = zones_of(
            rows.named("contact", settings.timezone_field),
            rows.named("account", settings.timezone_field),
            settings.timezone,
        )
        rows.zones = zones
        values: list[Tree] = [{} for _ in zones]
        for top, leaves in self._leaves.items():
            if leaves:
                columns = [rows.cells(top, leaf.info.column) for leaf in leaves]
                found = rows_as_trees([leaf.keys for leaf in leaves], columns, end - start)
                for tree, below in zip(values, found, strict=True):
                    if below:
                        tree[top] = below
        for keys, (ours, theirs) in self._asked.bare.items():
            first = rows.cells("contact", ours.column) if ours else None
            second = rows.cells("account", theirs.column) if theirs else None
            _add_bare(values, keys, first, second)
        if self._owned:
            self._add_owners(rows, values)
        return Stretch(self._recipients(rows, start), zones, values)

    def _recipients(self, rows: "_Rows", start: int) -> list[Recipient]:
        field = self._settings.language_field
        emails = rows.named("contact", "email")
        ours, theirs = rows.named("contact", field), rows.named("account", field)
        return [
            Recipient(
                place=place,
                contact=contact,
                account=account,
                identity=identity or "",
                email=email,
                language=_text(mine) or _text(its),
            )
            for place, contact, account, identity, email, mine, its in zip(
                range(start, start + rows.size),
                rows.column("contact"),
                rows.column("account"),
                rows.column("identity"),
                emails,
                ours,
                theirs,
                strict=True,
            )
        ]

    def _add_owners(self, rows: "_Rows", values: Sequence[Tree]) -> None:
        """The account's manager, else the contact's own."""
        field = self._settings.owner_field
        names = zip(rows.named("account", field), rows.named("contact", field), strict=True)
        for tree, (its, mine) in zip(values, names, strict=True):
            owner = self._owners.find(_text(its)) or self._owners.find(_text(mine))
            if owner is not None:
                tree["owner"] = dict(owner)


class _Rows:
    """A stretch of the table of traits; columns become values when asked for, once."""

    def __init__(self, tables: Tables, found: Mapping[str, Array], size: int) -> None:
        self._found, self.size = found, size
        self._known: dict[str, Cells] = {}
        self.zones: Sequence[tzinfo] = ()
        self._places: dict[tuple[FieldScope, str], tuple[str, Any]] = {
            (scope, info.column): (f"{scope[0] if scope != 'membership' else 'p'}{n}", info.type)
            for scope, infos in tables.sides.items()
            for n, info in enumerate(infos)
        }
        catalog = tables.store.catalog()
        self._fields = {"contact": catalog.contact, "account": catalog.account}

    def column(self, name: str) -> Cells:
        found: list[Any] = self._found[name].tolist()
        return found

    def cells(self, scope: FieldScope, column: str) -> Cells:
        name, kind = self._places[scope, column]
        if name not in self._known:
            self._known[name] = plain(self._found[name], kind, self.zones)
        return self._known[name]

    def named(self, scope: FieldScope, field: str) -> Cells:
        """The values of a field that need not exist."""
        info = self._fields[scope].get(field)
        if info is None or info.type not in ("text", "number"):
            return [None] * self.size
        return self.cells(scope, info.column)


def _text(value: object) -> str | None:
    return None if value is None else str(value).strip()


def _add_bare(
    values: Sequence[Tree], keys: Keys, first: Cells | None, second: Cells | None
) -> None:
    """The contact's value, else the account's."""
    for place, tree in enumerate(values):
        value = first[place] if first is not None else None
        if value is None and second is not None:
            value = second[place]
        if value is not None:
            put(tree, keys, value)
