"""Campaigns of a workspace, from draft to done.

    desk.py (what people do: draft, approve, undo …) -> campaigns/records.py (one table of moves)
        <- stepping.py (what follows by itself, every second) -> work.py (what takes longer:
        checking.py, planting.py, one at a time in a thread of its own)

contract.py: what this needs of freezing, preflight and results; crew.py: those, introduced
answers.py: a campaign as doors show it;  known.py: what a definition is compared with
overview.py, recipients.py: all of them at a glance, and a send's people
reach.py: whom a definition would reach, while it is being written
"""
