"""Everything that stands before the first query over events: plan, snapshot, frame and zones."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from lettershop.engines.dense.asking import Asker
from lettershop.engines.dense.frame import build_frame
from lettershop.engines.dense.snapshot import current_tables
from lettershop.engines.dense.zones import ZoneTable
from lettershop.language.definition import Definition
from lettershop.model.catalog import Catalog
from lettershop.model.settings import Settings
from lettershop.planning.frame import Frame
from lettershop.planning.order import in_order
from lettershop.planning.plan import Plan, plan
from lettershop.planning.queries import needs_zones
from lettershop.planning.sources import Context


class Prepared(NamedTuple):
    """What an evaluation knows before it asks about events."""

    plan: Plan
    context: Context
    frame: Frame
    zones: ZoneTable | None


def prepared(
    asker: Asker,
    catalog: Catalog,
    definitions: Sequence[Definition],
    as_of: int,
    settings: Settings,
    widen: Callable[[Frame], Frame] | None = None,
    recorded_as: Mapping[str, str] | None = None,
    *,
    asof: bool = True,
) -> Prepared:
    """Plans the definitions and makes the snapshot, the frame and the zones they need.

    `widen`: the frame with room to grow (engines/duckdb/refresh/space.py). `asof`: the
    engine knows ASOF joins."""
    ordered = in_order(definitions)
    planned = plan(ordered, catalog, as_of, settings.timezone, recorded_as)
    tables = current_tables(asker, catalog, planned.metrics, as_of, settings.timezone_field)
    frame = build_frame(asker, tables, as_of, settings.timezone)
    frame = widen(frame) if widen else frame
    zones = None
    if planned.zoned or needs_zones(planned.metrics):
        zones = ZoneTable(asker, tables, frame, _zone_columns(catalog, settings))
    in_use = tuple(zones.names) if zones else (settings.timezone,)
    context = Context(catalog, settings, as_of, in_use, tables, asof=asof)
    return Prepared(planned, context, frame, zones)


def _zone_columns(catalog: Catalog, settings: Settings) -> dict[str, str]:
    sides = {"contact": catalog.contact, "account": catalog.account}
    found = {side: fields.get(settings.timezone_field) for side, fields in sides.items()}
    return {side: info.column for side, info in found.items() if info and info.type == "text"}
