"""The referee: what a segment means, as slow and obvious Python over plain facts.

It says what docs/explanation/meaning.md says, and every fast engine is compared with it. It shares
no code with planning or the engines: two readings of one page are a proof, one is not.

`referee.py`     definitions in order of their references, and the universe: start here
`history.py`     facts settled at load: de-duplication, accounts of events
`who.py`         identities settled at load: which belong to one contact
`moment.py`      the facts as of one instant: traits, memberships, zones
`conditions.py`  every condition, one `match`
`calendar.py`    windows as intervals of milliseconds
`tests.py`       tests of one value
`events.py`, `measures.py`, `people.py`, `chance.py`   what the conditions are made of
"""

from lettershop.engines.referee.referee import Referee

__all__ = ["Referee"]
