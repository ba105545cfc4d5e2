"""How the stories tell facts, fill stages and read back what is known."""

import json
from typing import Any

from store.tables import wide

from lettershop.engines.duckdb.stage import Stage
from lettershop.engines.duckdb.store import Store
from lettershop.model.facts import ContactFact


def at(ts: int, received_at: int | None = None, message_id: str = "") -> dict[str, Any]:
    return {
        "ts": ts,
        "received_at": ts if received_at is None else received_at,
        "message_id": message_id or f"m{ts}",
    }


def ann(ts: int, **traits: Any) -> ContactFact:
    return ContactFact(contact="user:ann", traits=traits, **at(ts))


def contacts(store: Store) -> dict[str, dict[str, Any]]:
    return wide(store, "contacts", store.catalog().contact, [])


def stage(store: Store, sort: Any, rows: list[dict[str, Any]], types: str, **more: Any) -> Stage:
    """A stage filled as a file import does it; `types` is what from_json wants to know."""
    store.con.execute(
        "CREATE OR REPLACE TEMP TABLE filled AS"
        " SELECT u.* FROM (SELECT unnest(from_json($r, $t)) AS u)",
        {"r": json.dumps(rows), "t": f"[{types}]"},
    )
    return Stage(sort=sort, table="filled", **more)
