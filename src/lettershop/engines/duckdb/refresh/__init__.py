"""Segments kept current: who is in, who entered and left, at a cost that follows the changes.

`tables.py`     what is stored: memberships, transitions, kept versions
`adjust.py`     from the rule to the members: modes and pins
`refresher.py`  start here: compute what has changed since the last time, persist it
`cold.py`       the whole answer compared with what is stored (stamps), at the start and whenever
                a step would cost more or could not be sure
`warm.py`       what is kept in memory: frame (space, sides), columns (held), feeds (interests,
                feed, batch), counters (tally, counters, tallies, codes), rows (recall,
                strands), the flow of truths
`step.py`       one step through all of them: work, hearsay, passing (sums), watching, asking
`elsewhere.py`  the whole answer given by another engine, compared in the same way
`watch.py`      the shape of the data that a plan depends on
"""
