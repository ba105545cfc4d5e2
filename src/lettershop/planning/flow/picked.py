"""A frame and columns of some slots of one grain, so that a leaf can be asked about these alone."""

from typing import NamedTuple

from lettershop.planning.frame import Column, Columns, Frame, Ints, Side, Zones
from lettershop.planning.ground import Leaves
from lettershop.planning.metrics import AnyMetric, Grain


class PickedColumns(NamedTuple):
    """Columns at these slots."""

    of: Columns
    slots: Ints

    def column(self, metric: AnyMetric) -> Column:
        whole = self.of.column(metric)
        return Column(whole.value[self.slots], whole.known[self.slots])

    def zones(self, grain: Grain) -> Zones:
        whole = self.of.zones(grain)
        return Zones(whole.names, whole.number[self.slots])

    def salt(self, name: str) -> int:
        return self.of.salt(name)


def picked(at: Leaves, grain: Grain, slots: Ints) -> Leaves:
    """What a leaf of that grain needs; the other grains stay as they are and must not be read."""
    return at._replace(
        frame=_frame(at.frame, grain, slots), columns=PickedColumns(at.columns, slots)
    )


def _frame(frame: Frame, grain: Grain, slots: Ints) -> Frame:
    match grain:
        case "contact":
            return frame._replace(contacts=_side(frame.contacts, slots))
        case "account":
            return frame._replace(accounts=_side(frame.accounts, slots))
        case "pair":
            return frame._replace(
                pair_contact=frame.pair_contact[slots],
                pair_account=frame.pair_account[slots],
                pair_id=frame.pair_id[slots],
                pair_joined=frame.pair_joined[slots],
            )


def _side(side: Side, slots: Ints) -> Side:
    return Side(side.live[slots], side.known_since[slots], side.key[slots])
