"""Measurements on generated data: `make bench`, or `python -m bench --help`.

`data.py`      contacts, accounts, events as Parquet files
`segments.py`  mixed segments, drawn from a seed
`load.py`      the files through the real importer
`naive.py`     the yardstick: one self-contained query per segment
`limits.py`    how fast anything could be: scan limit and floor
`full.py`      our evaluation, with the time of each part
`memory.py`    the most a process held that only evaluates
`report.py`    the figures, and the ratios that were aimed at

Every measurement runs on the same data in one run: read the figures as ratios.
"""
