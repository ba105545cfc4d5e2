"""Campaigns: written, checked, approved, watched while they leave, and what they caused.

`listing.py`     all of them (app/campaigning/overview.py)
`composing.py`   one is written: `sheet.py` keeps form and text in step, `fields.py` reads the form,
                 `choices.py` offers what there is
`one.py`         its page: `progress.py` how far it is, `checklist.py` its preflight
`deeds.py`       what is done with it; `test_letters.py` letters to our own people
`recipients.py`  who is behind a number;  `results.py` what it caused, drawn by `curves.py`
`messages.py`    single messages that programs asked for
`asked.py`, `said.py`, `drawing.py`    what they share: the desk, words, rows
"""
