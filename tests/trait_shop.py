"""A workspace with derived traits and a movable clock, kept current in one of two ways."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from lettershop.app import Workspace
from lettershop.app.derived import Shelf, compute, folder_segments, step
from lettershop.app.engine import Engine
from lettershop.engines.duckdb.compose import sql
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import FixedClock, parse_instant
from lettershop.model.facts import AnyFact
from lettershop.model.values import MICRO
from lettershop.planning.keep import Keep
from lettershop.planning.order import in_order
from lettershop.profile.folder import Book
from lettershop.profile.values import plain

Way = Literal["kept", "computed"]
"""By the refresher and steps, as in a server; or by full evaluation, as by `trait compute`."""

LONG = 200
"""Steps after which something goes on for ever."""


class TraitShop:
    def __init__(self, folder: Path, way: Way, at: str = "2026-01-01T00:00Z") -> None:
        self.folder, self.way = folder, way
        self.clock = FixedClock(at)
        if not (folder / "lettershop.toml").exists():
            Workspace.init(folder)
        self._open()

    def _open(self) -> None:
        self.workspace = Workspace.open(self.folder, clock=self.clock, environ={})
        self.workspace.store.con.execute("SET threads = 1")  # few rows: others would only wait
        self.engine = Engine(self.workspace)
        self.refresher = Refresher(self.workspace.settings)
        self.shelf = Shelf()

    def restart(self) -> None:
        self.engine.close()
        self._open()

    def close(self) -> None:
        self.engine.close()

    def define(self, traits: str, segments: str = "") -> None:
        (self.folder / "traits").mkdir(exist_ok=True)
        (self.folder / "traits" / "all.toml").write_text(traits, "utf-8")
        (self.folder / "segments" / "all.toml").write_text(segments or "# none yet", "utf-8")
        if not segments:
            (self.folder / "segments" / "all.toml").unlink()

    def tell(self, *facts: AnyFact) -> None:
        with self.engine.write() as workspace:
            load(workspace.store, facts)

    def book(self) -> Book:
        return self.shelf.book(self.workspace, folder_segments(self.workspace))

    def tick(self, at: str) -> int:
        """Bring everything up to date as at that moment; how many facts were written."""
        self.clock.at = parse_instant(at)
        before = self.written()
        if self.way == "computed":
            compute(self.workspace)
        else:
            self._keep()
        return self.written() - before

    def refresh(self) -> None:
        segments = folder_segments(self.workspace)
        definitions = in_order([*segments.values(), *self.book().definitions()])
        keeps = [Keep(definition=definition) for definition in definitions]
        store = self.workspace.store
        found = self.refresher.compute(store, keeps, self.clock.now())
        self.refresher.persist(store, found)

    def step(self) -> bool:
        return step(self.engine, self.shelf, folder_segments(self.workspace), self.clock.now())

    def _keep(self) -> None:
        """As the keeper does it: refresh, write, refresh again while something was written."""
        for _ in range(LONG):
            self.refresh()
            steps = 0
            while self.step():
                steps += 1
                assert steps < LONG, "steps never end"
            if not steps:
                return
        raise AssertionError("traits and segments never come to rest")

    def written(self) -> int:
        """How many values derived traits have been given so far."""
        asked = (
            "SELECT count(*) FROM (SELECT message_id FROM contact_history UNION ALL"
            " SELECT message_id FROM account_history) WHERE message_id LIKE 'trait:%'"
        )
        return int(self.workspace.store.con.execute(asked).fetchall()[0][0])

    def value(self, who: str, field: str, sort: str = "contact") -> Any:
        """The current value of a field: numbers plain, lists as tuples."""
        store = self.workspace.store
        store.forget()
        catalog = store.catalog()
        info = (catalog.account if sort == "account" else catalog.contact).get(field)
        if info is None:
            return None
        number = store.account_id(who) if sort == "account" else store.contact_id(who)
        asked = sql(
            "SELECT {column} FROM {table} WHERE id = $id", column=info.column, table=f"{sort}s"
        )
        found = store.con.execute(asked, {"id": number}).fetchall()[0][0]
        if found is not None and info.type == "number":
            return plain(int(found * MICRO))
        return tuple(found) if isinstance(found, list) else found

    def values(self, asked: Sequence[str]) -> dict[str, Any]:
        """`ann.lead_score`, and of accounts `acme@team_score`."""
        found = {}
        for one in asked:
            sort, mark = ("account", "@") if "@" in one else ("contact", ".")
            who, _, field = one.partition(mark)
            found[one] = self.value(who, field, sort)
        return found
