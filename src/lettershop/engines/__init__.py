"""Machines that answer definitions: all must give the same answer as the referee.

`referee`: slow and obvious, over plain rows; the executable meaning.
`duckdb`: the embedded engine: store, load, evaluate.
"""
