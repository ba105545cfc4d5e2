"""The SQL of a segment, told as a story: what is asked of which table, and for whom."""

from collections.abc import Sequence

from lettershop.engines.duckdb.evaluate import prepare
from lettershop.engines.duckdb.store import Store
from lettershop.language import render
from lettershop.language.definition import Definition
from lettershop.language.english import sentence
from lettershop.model.clock import format_instant
from lettershop.model.settings import Settings
from lettershop.planning.order import needed
from lettershop.planning.queries import queries


def story(
    store: Store,
    definitions: Sequence[Definition],
    name: str,
    as_of: int,
    settings: Settings | None = None,
) -> str:
    """Every query the segment (and those it refers to) needs, with comments."""
    ready = prepare(store, needed(definitions, [name]), as_of, settings)
    definition = next(d for d in ready.plan.definitions if d.name == name)
    asked = queries(ready.plan.metrics, ready.context)
    count = "1 query" if len(asked) == 1 else f"{len(asked)} queries"
    head = [
        f"-- {definition.title or name}: {sentence(definition.where, definition.subject)}",
        f"-- {' '.join(render(definition.where).split())}",
        f"-- as of {format_instant(as_of)} ({as_of} ms); {count}, then booleans",
        "-- the same question in SQL: where it can, the engine reads rows and adds up in memory",
    ]
    parts = []
    for number, query in enumerate(asked, 1):
        parts.append(f"-- {number}\n{query.sql.sql('duckdb', pretty=True)};")
    return "\n".join(head) + "\n\n" + "\n\n".join(parts) + "\n"
