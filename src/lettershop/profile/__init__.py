"""Derived traits: what a contact or account is worth knowing for, worked out from the facts.

traits.py      the kinds: score, stage, interest, RFM, roll-up
table.py       one TOML table, asked key by key; whatever is wrong with it is said with its place
build.py       tables -> traits (and interests.py, build_figures.py)
decay.py       points that fade and count, as sums of truths
depends.py     which trait is made from which, and from which segments
folder.py      all files of a folder -> Book, all findings at once: start here
compiled.py    a trait -> the hidden segments it is made of, each with its worth
values.py      who is in these -> the values, for some subjects
figures.py     traits that are no sum of truths (RFM, roll-ups), from the metrics
writing.py     values -> ordinary facts, changes only
stepping.py    the next bounded step in a running server; state.py: how far it is
carrying.py    values taken over when the facts are rebuilt
summary.py     how the values are spread
ledger.py      what changed, when, and because of which rule
hygiene/       what is wrong with an e-mail address
"""
