"""Sources: what sends us facts.

`keys.py`       sources and their write keys
`live.py`       what comes in; `minutes.py` as bars
"""
