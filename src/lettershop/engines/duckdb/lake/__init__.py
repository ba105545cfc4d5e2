"""The facts as a lake of Parquet (lettershop/lake), and the facts again from a lake.

`layout.py`    how each table is cut and ordered: start here
`columns.py`   types and columns, there and back
`census.py`    what is stored now: rows and fingerprints of every piece of a table
`spans.py`     days, months and years: how many days share a partition
`drafting.py`  what is kept of the former snapshot, and what has to be written
`export.py`    one snapshot: census, parts, manifest
`loading.py`   a new database from a snapshot, compared with its counts and fingerprints
`views.py`     a snapshot asked as if it were the database, nothing copied
"""
