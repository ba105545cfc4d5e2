"""Truths kept up to date: from metrics that changed to members that changed.

A full evaluation (`planning/truth.py`) leaves the truth of every condition; from then on only the
slots are looked at again whose numbers changed. What a leaf means is said in one place only: the
same functions run over a frame of just these slots.

`flips.py`   which slots changed, when and why
`picked.py`  a frame and columns of some slots
`nodes.py`   conditions and segments as nodes, each after all it depends on
`build.py`   from a finished evaluation to nodes
`flow.py`    start here: one step
"""
