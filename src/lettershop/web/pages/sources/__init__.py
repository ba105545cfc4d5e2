"""Sources: what sends us facts.

`addresses.py`  where everything is, and who may
`keys.py`       sources and their write keys
`live.py`       what comes in; `minutes.py` as bars
`refusals.py`   what was refused, by reason
`feeds.py`      when each event was last heard of, and which segments wait for it
`imports.py`    files: uploaded, looked at, tried, imported; `uploads.py` the steps in between
`pulls.py`      what is fetched from databases, and the watched folder
`said.py`       what came with a request, tamed; words for states
"""
