"""The engines that must agree, behind one small interface."""

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import pytest
from pysail.spark import SparkConnectServer

from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.engines.referee import Referee
from lettershop.engines.spark.evaluate import evaluate as evaluate_on_spark
from lettershop.engines.spark.session import Session, connect
from lettershop.lake.storage import Lake
from lettershop.language.definition import Definition
from lettershop.model.catalog import Catalog
from lettershop.model.facts import AnyFact, Rate
from lettershop.model.settings import Settings
from lettershop.model.values import MICRO, ValueType

Sets = Mapping[str, set[Any]]


@dataclass(frozen=True)
class World:
    """Everything an engine is told before it is asked."""

    facts: Sequence[AnyFact]
    catalog: Catalog
    settings: Settings = field(default_factory=Settings)
    salts: Mapping[str, int] = field(default_factory=dict)
    rates: Sequence[Rate] = ()

    @property
    def types(self) -> dict[tuple[str, str], ValueType]:
        return {(scope, info.name): info.type for scope, info in self.catalog.everything()}


class Engine(Protocol):
    """`members` may be asked more than once."""

    def members(self, definitions: Sequence[Definition], as_of: int) -> Sets: ...

    def close(self) -> None: ...


class RefereeEngine:
    def __init__(self, world: World) -> None:
        self._referee = Referee(
            world.facts, world.catalog, world.settings, salts=world.salts, rates=world.rates
        )

    def members(self, definitions: Sequence[Definition], as_of: int) -> Sets:
        return self._referee.members(definitions, as_of)

    def close(self) -> None:
        """Nothing to close."""


class DuckEngine:
    def __init__(self, world: World) -> None:
        self.store = Store.open(None, settings=world.settings)
        # Some histories come in two loads: what is stored merges, too, and means the same.
        cut = len(world.facts) // 2 if len(world.facts) % 3 == 0 else 0
        for portion in (world.facts[:cut], world.facts[cut:]):
            load(self.store, portion, types=world.types)
        self._say_which_is_money(world.catalog)
        for name, salt in world.salts.items():
            self.store.set_salt(name, salt)
        self.store.set_rates(
            (rate.source, rate.target, rate.day, Decimal(rate.rate) / MICRO) for rate in world.rates
        )

    def _say_which_is_money(self, catalog: Catalog) -> None:
        """What the mapping of an import says of a column of amounts."""
        for scope, info in catalog.everything():
            if info.currency is not None:
                self.store.con.execute(
                    "UPDATE fields SET currency = $beside, currencies = $seen"
                    " WHERE scope = $scope AND name = $name",
                    {
                        "beside": info.currency,
                        "seen": list(info.currencies),
                        "scope": scope,
                        "name": info.name,
                    },
                )

    def members(self, definitions: Sequence[Definition], as_of: int) -> Sets:
        answer = evaluate(self.store, definitions, as_of)
        return {definition.name: answer.subjects(definition.name) for definition in definitions}

    def close(self) -> None:
        self.store.close()


class SparkEngine:
    """Over a lake that a store wrote."""

    def __init__(self, world: World, session: Session) -> None:
        self._session, self._settings = session, world.settings
        self._folder = TemporaryDirectory(prefix="lettershop_lake_")
        self._lake = Lake(self._folder.name)
        told = DuckEngine(world)
        self._manifest = export(told.store, self._lake, 0)
        told.close()

    def members(self, definitions: Sequence[Definition], as_of: int) -> Sets:
        answer = evaluate_on_spark(
            self._session, self._lake, self._manifest, definitions, as_of, self._settings
        )
        return {definition.name: answer.subjects(definition.name) for definition in definitions}

    def close(self) -> None:
        self._folder.cleanup()


@cache
def sail_server() -> SparkConnectServer:
    """Sail, another Spark Connect server, in this process; it ends with it."""
    os.environ.setdefault("RUST_LOG", "error")
    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    return server


@cache
def sail() -> Session:
    host, port = sail_server().listening_address
    return connect(f"sc://{host}:{port}")


SMALL = {"spark.sql.shuffle.partitions": "2", "spark.sql.codegen.wholeStage": "false"}
"""To compile every query costs seconds, and is worth it only for many rows."""


@cache
def spark() -> Session:
    """Apache Spark beside this process; it ends with it."""
    if shutil.which("java") is None and os.environ.get("CI") != "true":
        pytest.skip("Spark needs Java")
    return connect("local[2]", options=SMALL)


ENGINES: dict[str, Callable[[World], Engine]] = {
    "referee": RefereeEngine,
    "duckdb": DuckEngine,
    "sail": lambda world: SparkEngine(world, sail()),
    "spark": lambda world: SparkEngine(world, spark()),
}
