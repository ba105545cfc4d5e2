"""The lake: all facts as Parquet, in a folder or in object storage, for engines on many machines.

`storage.py`   where the files are: a folder, or whatever fsspec reaches
`manifest.py`  start here: a snapshot names its files, their columns, and how far it goes
`snapshots.py` the newest snapshot, the next one, and those that nobody needs any more
`members.py`   beside the facts: who is in which segment, run by run

Who writes it: engines/duckdb/lake. Who reads it: engines/spark, and any other reader of Parquet.
"""
