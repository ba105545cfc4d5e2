"""From the answers of queries to dense arrays: what engines that speak SQL have in common.

`asking.py`     start here: what an engine has to be able to do (`Asker`)
`snapshot.py`   the values as they stood at a moment: tables of now, or made for the occasion
`frame.py`      who there is, as arrays; `zones.py`: in which zone each of them is
`prepare.py`    definitions -> plan, snapshot, frame and zones: all before the first query
`columns.py`    results of queries laid into dense columns
`evaluation.py` the answer: members as bitmaps of dense ids
"""
