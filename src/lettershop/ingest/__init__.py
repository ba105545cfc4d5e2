"""Facts from outside: files, and calls over the network.

`mapping.py`        what a mapping can say; `mapping_text.py` reads it from TOML
`guess.py`          a mapping from a look at the file
`files.py`          `import_file`: one file, one transaction; start here
`rates.py`          exchange rates
`convert.py`        raw column → typed value, equal to `model.values.coerce`
`watch.py`          the watched folder
`pull/`             rows of SQL databases, by a high-water column
`log/`              the durable log of requests
`calls/`            tracking calls → facts
`loader.py`         from the log into the engine, exactly once; `loader_guard.py` keeps it alive
`kept.py`           what came in another way than the log, for `rebuild`
"""
