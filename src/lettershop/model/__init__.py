"""Words: the values, facts and errors everything else speaks of. No I/O here.

Start with `facts.py` (what is known), then `values.py` (what a value is and when it is missing),
`catalog.py` (what has been learned about the fields) and `errors.py` (how things go wrong).
`rates.py`: counts of people, with their intervals and tests; `sheets.py`: cells that no spreadsheet
takes for formulas.
"""
