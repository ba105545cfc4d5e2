"""In which zone each contact and account is: its own, else that of its only account, else ours."""

from collections.abc import Mapping

import numpy as np
from sqlglot import exp

from lettershop.engines.dense.asking import Asker, Rows, filled
from lettershop.planning.calendar import zone_or_none
from lettershop.planning.frame import Frame, Ints, Zones
from lettershop.planning.metrics import Grain
from lettershop.planning.sources import col, not_null, table


class ZoneTable:
    """The zone of every contact and account; made when first asked for."""

    def __init__(
        self, asker: Asker, tables: Mapping[str, str], frame: Frame, field: Mapping[str, str]
    ) -> None:
        """`field`: the column of the zone field per side, where there is one."""
        self.names: list[str] = [frame.zone]
        account = self._own(asker, tables, frame, "account", field)
        contact = self._own(asker, tables, frame, "contact", field)
        self.own = contact
        """The zone a contact names itself, -1 for none."""
        self.account = np.where(account < 0, 0, account).astype(np.int16)
        only = self._only_account(frame)
        inherited = np.where(only >= 0, self.account[only], 0)
        self.contact = np.where(contact < 0, inherited, contact).astype(np.int16)
        if len(self.names) > 1:
            self.publish(asker)
        self.pair = self.contact[frame.pair_contact]

    def of(self, grain: Grain) -> Zones:
        number = {"contact": self.contact, "account": self.account, "pair": self.pair}[grain]
        return Zones(tuple(self.names), number)

    def _own(
        self,
        asker: Asker,
        tables: Mapping[str, str],
        frame: Frame,
        side: Grain,
        field: Mapping[str, str],
    ) -> Ints:
        """Each subject's own zone, -1 where it names none."""
        numbers = np.full(frame.size(side), -1, np.int64)
        if side not in field:
            return numbers
        zone = col(field[side], "s")
        codes = exp.select(exp.alias_(zone, "name", quoted=True, copy=False)).from_(
            table(tables[side], "s"), copy=False
        )
        names = asker.fetch(codes.where(not_null(field[side], "s"), copy=False).distinct())["name"]
        known = {str(name): zone_or_none(str(name)) for name in names}
        rows = asker.fetch(
            exp.select(col("id", "s"), exp.alias_(zone.copy(), "name", quoted=True, copy=False))
            .from_(table(tables[side], "s"), copy=False)
            .where(not_null(field[side], "s"), copy=False),
        )
        number = {name: self._number(found) for name, found in known.items()}
        numbers[filled(rows["id"], 0)] = [number[str(name)] for name in rows["name"]]
        return numbers

    def _number(self, zone: str | None) -> int:
        if zone is None:
            return -1
        if zone not in self.names:
            self.names.append(zone)
        return self.names.index(zone)

    def _only_account(self, frame: Frame) -> Ints:
        """The account of contacts with exactly one, else -1."""
        real = frame.pair_account >= 0
        contact, account = frame.pair_contact[real], frame.pair_account[real]
        only = np.full(frame.size("contact"), -1, np.int64)
        only[contact] = account
        several = np.bincount(contact, minlength=len(only)) > 1
        only[several] = -1
        return only

    def publish(self, asker: Asker) -> None:
        for side, numbers in (("contact", self.contact), ("account", self.account)):
            rows: Rows = {"id": np.arange(len(numbers) - 1, dtype=np.int32), "zone": numbers[:-1]}
            asker.publish(f"zone_of_{side}", rows)
