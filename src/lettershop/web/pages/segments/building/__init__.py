"""The rule builder: one condition as rows, as text and as a sentence, in step through the server.

    form --reading--> rows --grouping--> tree --render--> text --said--> sentence, findings, count
    text --parse----> tree --grouping--> rows --drawing-> page

`views.py`      its addresses; `asked.py` what the form says and what becomes of it; `starting.py`
                with what an edit begins; `saving.py` a draft; `choosing.py` type-ahead
`rows.py`       rows and groups; `grouping.py` tree to rows and back; `reading.py` rows of a form;
                `deeds.py` what buttons do; `drawing.py` rows ready to draw; `words.py`, `labels.py`
`kinds.py`      all kinds of rows (`kind.py`), from `tests.py`, `events.py`, `measures.py`,
                `others.py`; made of `controls.py`, `windows.py`, `typed.py`, at `places.py`
"""
