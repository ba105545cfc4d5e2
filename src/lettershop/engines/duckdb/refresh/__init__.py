"""Segments kept current: who is in, who entered and left, at a cost that follows the changes.

`tables.py`     what is stored: memberships, transitions, kept versions
`adjust.py`     from the rule to the members: modes and pins
`refresher.py`  start here: compute what has changed since the last time, persist it
`cold.py`       the whole answer, at the start and whenever it is cheaper or safer
"""
