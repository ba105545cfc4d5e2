"""Scheduled pulls: rows of a SQL database, by a query with a high-water column.

`definition.py`   what sources/NAME.pull.toml can say: start here
`source.py`       the other database: read-only, in time, errors in plain words
`rows.py`         its rows as JSON lines, types kept
`state.py`        how far a pull is, stored with the rows it brought
`pull.py`         one pull: read, leave out what is known, load, remember
`step.py`         all pulls, by the clock
"""
