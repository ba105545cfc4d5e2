"""From a tree to numbers and back: which columns a set of segments needs, and what follows.

`metrics.py`    the distinct columns of numbers segments are made of
`truth.py`      tree + columns -> one boolean per subject (`leaf_*.py`, `measures.py`: by condition)
`plan.py`       asks `truth` over nobody and writes down the metrics it wanted
`queries.py`    metrics -> SQL trees, few per event table
`shapes.py`     two levels of grouping, sequences (`chained.py`: without ASOF joins)
`matched.py`    which value made a same-value condition true
`predicates.py` a test of one value -> SQL
`windows.py`    where a window lies, for a zone (`calendar.py`: days, months, midnights)
`naming.py`     what a metric is called, and its unit, in files that people open elsewhere

Nothing here runs a query; engines do.
"""
