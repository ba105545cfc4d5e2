"""Where random tests begin.

`make test` plays the same cases every time, so that a change is judged by what it changes and not
by luck. `LETTERSHOP_SEED=random` draws another seed, which a failure prints; the number repeats it.
`make explore` draws one and plays many more cases: before a release, or when a machine is idle.
"""

import os
from random import SystemRandom

USUAL = 20261122


def seed() -> int:
    said = os.environ.get("LETTERSHOP_SEED", str(USUAL))
    return SystemRandom().randrange(2**32) if said == "random" else int(said)
