"""The embedded engine: one DuckDB file per workspace, opened by one process.

`schema.py`   the tables and what their columns mean: start here
`stage.py`    the shape in which new facts arrive (from rows or from files)
`apply.py`    staged facts -> tables: identities, de-duplication, learned columns, history, links
"""
