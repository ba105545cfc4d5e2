"""Address hygiene: which addresses are worth writing to, and what to do about the others.

`verdict.py`     start here: what one address shows by itself, with a suggestion for a slip
`domains.py`     what its domain shows: unknown, mistyped, disposable, of the public
`slips.py`       one slip of the hand between two names, and of which kind
`repairs.py`     what was pasted or dictated wrongly around an address
`evidence.py`    what facts show (bounced, left, unengaged), as conditions of the segment language
`knowledge.py`   the lists behind it, and a workspace's own additions (`addresses.toml`)
`judged.py`      what was judged, beside the facts, and what is due
`proven.py`      whose present address the evidence speaks of
`states.py`      the states, the one that decides first, and what to do about each
`written.py`     from all of that to the fields of contacts
`report.py`      how many are in which state
"""
