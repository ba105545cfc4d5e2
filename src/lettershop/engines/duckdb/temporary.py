"""Temporary tables of one connection, as SQL trees."""

from sqlglot import exp


def temporary(name: str, sql: exp.Query) -> exp.Create:
    """Makes (or replaces) a temporary table from a query, whose tree is used up."""
    return exp.Create(
        this=exp.Table(this=exp.to_identifier(name, quoted=True)),
        kind="TABLE",
        expression=sql,
        replace=True,
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
    )
