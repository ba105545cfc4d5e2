"""What a session has to know before queries run: functions of ours, and settings of Spark's."""

from typing import TYPE_CHECKING, Final

from lettershop.engines.spark.library import load

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

MATCHES: Final = "lettershop_matches"
"""(text, pattern) -> whether the pattern is found in it, whatever the case (patterns.py)."""

SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.variable.substitute": "false",
}
"""Dates and times are in UTC, what does not fit is an error and no NULL, and texts and names in SQL
are what they say: no variables `${…}`, no other rule for backslashes."""


def register(spark: "SparkSession") -> None:
    """Makes the session understand what `printing.spark_sql` prints.

    Only patterns need Python where the work is done, with `google-re2` and `pyarrow`; the function
    travels there as it is, so Lettershop need not be installed."""
    for name, value in SETTINGS.items():
        spark.conf.set(name, value)
    patterns = load("lettershop.engines.spark.patterns")
    load("pyspark.cloudpickle").register_pickle_by_value(patterns)
    boolean = load("pyspark.sql.types").BooleanType()  # by its name it would want a Spark of Java
    spark.udf.register(MATCHES, load("pyspark.sql.functions").arrow_udf(patterns.matches, boolean))
