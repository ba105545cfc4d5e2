"""Comparing a tree with what is known of the data; `check.py`, one floor up, is the way in.

findings.py gathers what is said; limits.py looks at numbers and windows, values.py at tests of
one value, events.py at everything about events, measures.py at what can be counted and ranked,
conditions.py at whole conditions.
"""
