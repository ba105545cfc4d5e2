"""The facts of a DuckDB file written to the lake, and read back from it."""
