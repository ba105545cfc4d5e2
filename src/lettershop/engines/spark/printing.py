"""SQL trees printed in the subset of SQL that Spark and Sail share.

    spark_sql(tree)     rewrites what they call otherwise (`rewriting.py`), then prints

Trees have to be planned with `Context.asof` False: neither knows ASOF joins. The session has to
know the functions and settings of `functions.py`.
"""

import re
from typing import Final

from sqlglot import exp
from sqlglot.dialects.spark import Spark
from sqlglot.generators.spark import SparkGenerator

from lettershop.engines.spark.rewriting import rewritten
from lettershop.model.errors import UsageError

# `$`: Spark would put variables of its own in. The rest: what cannot be seen, or ends the text.
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\xa0\xad\u1680\u2000-\u200f\u2028-\u202f\u205f-\u206f"
                            r"\u3000\ufeff\ufff0-\uffff'\\$]")  # fmt: skip


class _Printer(SparkGenerator):
    """Spark's dialect with literals that mean the same to every parser."""

    def literal_sql(self, expression: exp.Literal) -> str:
        text = str(expression.this)
        return f"'{_UNSAFE.sub(_escaped, text)}'" if expression.is_string else text


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def spark_sql(tree: exp.Query) -> str:
    """The query for Spark, and for whoever speaks its dialect. The tree itself is left alone.

    UsageError `spark.asof` for a tree with an ASOF join."""
    for join in tree.find_all(exp.Join):
        if str(join.args.get("method") or join.args.get("kind") or "").upper().startswith("ASOF"):
            hint = "plan with Context.asof False"
            raise UsageError("spark.asof", "Spark has no ASOF join", hint=hint)
    return _Printer(dialect=Spark(), identify=True).generate(rewritten(tree), copy=False)
