"""A session with a Spark: opened by address, asked in SQL, answering in arrays."""

import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from lettershop.engines.dense.asking import Rows
from lettershop.engines.spark.address import Address, address_of, check_reachable, unreachable
from lettershop.engines.spark.arrow import arrays, arrow_table, schema_of
from lettershop.engines.spark.functions import SETTINGS, register
from lettershop.engines.spark.library import load
from lettershop.model.errors import InputError, Unavailable

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_LOGGING: Final = Path(__file__).with_name("log4j2.properties")

QUIET: Final = {
    "spark.app.name": "lettershop",
    "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "512",
}
"""For a Spark whose driver we are. The last: below so many files no job is started to list them."""

LOCAL: Final = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
}


_RETRIES: Final = 6
"""From 50 ms on, each after four times as long: about a quarter of a minute."""


class Session:
    """Close it (or use `with`): it holds memory of the Spark, and perhaps a Java process.

    May be used by several threads at once."""

    def __init__(self, spark: "SparkSession", address: Address, side_by_side: int) -> None:
        self.spark, self.address = spark, address
        self.side_by_side = side_by_side
        """Queries that are worth asking at once."""
        self._closed = False

    @property
    def remote(self) -> bool:
        """It is a Spark Connect server: Spark's or another that speaks the same."""
        return self.address.sort == "connect"

    def fetch(self, sql: str) -> Rows:
        """The rows of a query as arrays, masked where NULL."""
        with self.answering():
            return arrays(self.spark.sql(sql).toArrow())

    def view(self, name: str, sql: str) -> None:
        """Gives a query a name, for this session."""
        with self.answering():
            self.spark.sql(sql).createOrReplaceTempView(name)

    def files(self, name: str, schema: str, urls: list[str]) -> None:
        """Gives Parquet files of that schema a name; columns that a file lacks are NULL in it."""
        with self.answering():
            found: DataFrame
            if urls:
                found = self.spark.read.schema(schema).parquet(*map(self._url, urls))
            else:
                found = self.spark.createDataFrame([], schema)
            found.createOrReplaceTempView(name)

    def _url(self, url: str) -> str:
        """Spark's own driver for S3 is called by another name than everybody else's."""
        return url if self.remote or not url.startswith("s3://") else f"s3a{url[2:]}"

    def publish(self, name: str, rows: Rows) -> None:
        """Gives arrays a name."""
        with self.answering():
            found: DataFrame
            if any(map(len, rows.values())):
                found = self.spark.createDataFrame(arrow_table(rows))
            else:
                found = self.spark.createDataFrame([], schema_of(rows))
            found.createOrReplaceTempView(name)

    def drop(self, name: str) -> None:
        with self.answering():
            self.spark.catalog.dropTempView(name)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Unavailable `spark.failed` for whatever goes wrong on the other side."""
        try:
            yield
        except self._failures() as error:
            said = str(error).strip().partition("\n")[0] or type(error).__name__
            raise Unavailable(
                "spark.failed",
                f"Spark gave no answer: {said}",
                where=self.address.text,
                hint="the next refresh asks again; Spark's own log says more",
                retry_after=30,
            ) from error

    def _failures(self) -> tuple[type[BaseException], ...]:
        failures = [load("pyspark.errors").PySparkException, load("py4j.protocol").Py4JError]
        if self.remote:
            failures.append(load("grpc").RpcError)
        return tuple(failures)

    def __enter__(self) -> "Session":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Safe to repeat. A Spark of this process ends with it."""
        if not self._closed:
            self._closed = True
            self.spark.stop()


def connect(
    address: str,
    *,
    memory: str = "1g",
    side_by_side: int = 4,
    options: Mapping[str, str] | None = None,
) -> Session:
    """Opens a session with the Spark at `local[n]`, `spark://host:port` or `sc://host:port`.

    `memory`: of the driver, where this process starts it. `options`: more of Spark's settings,
    which Spark Connect takes for the session only.

    InputError `spark.missing`, `spark.java`, `spark.address`; Unavailable `spark.unreachable`."""
    where = address_of(address)
    for module in ("pyspark", "pyarrow"):
        load(module)
    if where.sort != "connect":
        _check_java()
    check_reachable(where)
    try:
        said = dict(options or {})
        spark = _remote(where, said) if where.sort == "connect" else _own(where, memory, said)
    except (InputError, Unavailable):
        raise
    except Exception as error:  # Java's and gRPC's are of many kinds, and all mean the same
        raise unreachable(where, str(error).strip().partition("\n")[0]) from error
    session = Session(spark, where, side_by_side)
    with session.answering():
        register(spark)
    return session


def _own(address: Address, memory: str, options: dict[str, str]) -> "SparkSession":
    """A Spark whose driver runs beside this process."""
    said = {**SETTINGS, **QUIET, "spark.driver.memory": memory}
    if address.sort == "local":
        cores = address.cores or os.cpu_count() or 1
        said |= {**LOCAL, "spark.sql.shuffle.partitions": str(2 * cores)}
    builder: Any = load("pyspark.sql").SparkSession.builder.master(address.text)
    for name, value in {**said, **options}.items():
        builder = builder.config(name, value)
    found: SparkSession = builder.getOrCreate()
    if address.sort == "local" and "PYSPARK_PYTHON" not in os.environ:
        found.sparkContext.pythonExec = sys.executable  # any other may lack what patterns need
    return found


def _remote(address: Address, options: dict[str, str]) -> "SparkSession":
    """A Spark that runs elsewhere and is spoken to through Spark Connect."""
    sessions = load("pyspark.sql.connect.session")
    found: SparkSession = sessions.SparkSession.builder.remote(address.text).create()
    retries = load("pyspark.sql.connect.client.retries")
    found.client.set_retry_policies([retries.DefaultPolicy(max_retries=_RETRIES)])
    for name, value in options.items():
        found.conf.set(name, value)
    return found


def _check_java() -> None:
    home = os.environ.get("JAVA_HOME")
    there = shutil.which("java", path=os.path.join(home, "bin")) if home else shutil.which("java")
    if there is None:
        raise InputError(
            "spark.java",
            "Spark runs on Java, and there is none on this machine",
            where=f"JAVA_HOME={home}" if home else "",
            hint="install Java 17 or newer, or name a Spark Connect server: sc://host:15002",
        )
