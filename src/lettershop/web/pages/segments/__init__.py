"""Segments: the list, the rule builder, a segment's own page, partitions.

`listing.py`    all of them; `planning.py` the folder beside what is in force, and publishing it
`building/`     the rule builder; `drafts.py`, `drafts_shown.py`, `publishing.py` what comes of it
`segment.py`    what all tabs of a segment's page share
`overview.py`   its first tab, its members and the file of them; `history.py` size, who moved
`overlap.py`    who shares members; `standing_out.py` what sets members apart
`explaining.py` one person; `pins.py` exceptions by hand
`partitions.py` a partition and its proof; `partition_form.py` its editor
`asked.py`, `said.py`   what addresses ask for, and words for codes
"""
