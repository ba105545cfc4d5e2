"""Segments evaluated on Apache Spark, or anything that speaks Spark Connect, over the lake.

`session.py`   a session with a Spark, by its address (`address.py`); start here
`library.py`   PySpark itself, loaded when it is needed; `arrow.py`: its answers as arrays
`views.py`     tables of the lake's snapshot as views, made when a query names them
`spans.py`     which days of events can matter to a query
`printing.py`  SQL trees in the subset of SQL that Spark and Sail share: `rewriting.py` says them in
               other words, `casing.py` in lower case
`functions.py` what a session has to know for that: settings, and patterns (`patterns.py`)
`columns.py`   queries side by side, laid into dense columns (engines/dense)
`evaluate.py`  definitions at a moment, for everybody
"""
