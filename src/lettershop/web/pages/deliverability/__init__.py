"""Deliverability: how letters arrive. What the pages say is worked out in app/deliverability/.

`overview.py`      the light, complaints and bounces beside their lines
`domains.py`       domains, the doctor's findings, DKIM keys
`streams.py`       streams and providers;  `bounces.py`: bounces by class and day
`suppressions.py`  who gets no letters;  `notices.py`: what account managers should know
`charts.py`, `said.py`     pictures, and words for what is kept as codes
`asked.py`         what forms and addresses say, read without failing
"""
