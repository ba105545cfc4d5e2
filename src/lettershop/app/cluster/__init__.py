"""Several processes wired together: one that owns the facts, and those around it.

`waiting.py`   a loader: standing by until it leads, then its facts made ready
`facts.py`     whose facts are the newest; `fetching.py` brings them from the lake
`owner.py`     what the leader's server does besides: `mirror.py` copies the shared log for it
`intake.py`    the shared log as the writer of any process
`edge.py`      a process without facts: collector and public pages from records alone
`guide.py`     where the leader listens, looked up every second; `token.py` what it is shown
`status.py`    who is there, who leads, how far: for `lettershop cluster`
"""
