"""A workspace beside a database to pull from, and what the database's people do meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from lettershop.app import Workspace
from lettershop.app.engine import Engine
from lettershop.app.feeds import Feeds
from lettershop.ingest.pull.pull import PullReport
from lettershop.model.clock import MINUTE, FixedClock

PULL = """[pull]
url_from = "CRM_URL"
query = "{query}"
high_water = "updated_at"
every = "15 minutes"
{more}
[contact]
user_id = "id"
[contact.traits]
"*" = "*"
"""


class Shop:
    def __init__(self, engine: Engine, clock: FixedClock, url: str) -> None:
        self.engine, self.clock, self.url = engine, clock, url
        self.environ = {"CRM_URL": url}
        self.database = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        self.sources = engine.workspace.path / "sources"
        self.feeds = Feeds(engine, self.environ)

    def write(
        self, query: str = "SELECT * FROM customers", more: str = "", name: str = "crm"
    ) -> None:
        said = PULL.format(query=query.replace('"', '\\"'), more=more)
        (self.sources / f"{name}.pull.toml").write_text(said, "utf-8")

    def sql(self, *statements: str, **values: object) -> None:
        """What happens in the source, in one transaction; `values` are bound."""
        with self.database.begin() as connection:
            for statement in statements:
                connection.execute(text(statement), values)

    def pull(self, name: str = "crm", **options: Any) -> PullReport:
        return self.feeds.pulls.run(name, **options)

    def traits(self, who: str) -> dict[str, Any]:
        with self.engine.read() as workspace:
            found = workspace.store.contact_id(who)
            con = workspace.store.con
            rows = con.execute("SELECT * FROM contacts WHERE id = $id", {"id": found})
            names = [d[0] for d in rows.description or ()]
            return dict(zip(names, rows.fetchall()[0], strict=True))

    def writes(self, key: str) -> int:
        """How often a trait was written, over all contacts."""
        with self.engine.read() as workspace:
            row = workspace.store.con.execute(
                "SELECT count(*) FROM contact_history WHERE key = $key", {"key": key}
            ).fetchone()
        return int(row[0]) if row else 0

    def count(self, condition: str) -> int:
        with self.engine.read() as workspace:
            return workspace.count(condition).size


@contextmanager
def pulling(folder: Path, url: str) -> Iterator[Shop]:
    clock = FixedClock("2026-03-01T12:00Z")
    workspace = Workspace.open(Workspace.init(folder), clock=clock, environ={})
    shop = Shop(Engine(workspace), clock, url)
    try:
        yield shop
    finally:
        shop.database.dispose()
        shop.engine.close()


QUARTER = 15 * MINUTE
