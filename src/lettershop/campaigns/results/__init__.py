"""Results: what a campaign caused, from rows of the ledger and facts about them.

    rows.py       what is counted: one row per letter and person held out (app/results/ reads them)
    making.py     all of it put together: start here
    tally.py      what became of the letters, who answered
    effect.py     the goal against the holdout
    wording.py    the same in sentences
    said.py       the shapes of the answer
    watching.py   while letters leave: is it time to stop?

Why so: docs/explanation/experiments.md.
"""
