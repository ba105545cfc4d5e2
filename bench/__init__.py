"""Measurements on generated data: `make bench`, or `python -m bench --help`.

`data.py`      contacts, accounts, events as Parquet files
`segments.py`  mixed segments, drawn from a seed
`load.py`      the files through the real importer
`naive.py`     the yardstick: one self-contained query per segment
`limits.py`    how fast anything could be: scan limit and floor
`full.py`      our evaluation, with the time of each part
`memory.py`    the most a process held that only evaluates
`report.py`    the figures, and the ratios that were aimed at
`refresh.py`   segments kept current: refreshes beside full evaluations (`make bench-refresh`)
`traffic.py`   a long history and live events, put straight into the tables
`stream.py`    a whole server: from an acknowledged event to its transition on the event stream
`cluster.py`   DuckDB, Spark and Sail on the same facts (`make bench-cluster`); `cluster_run.py` is
               one engine, `standalone.py` and `sail.py` start clusters, `lost_worker.py` ends one

Every measurement runs on the same data in one run: read the figures as ratios.
"""
