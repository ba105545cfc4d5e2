"""The embedded engine: one DuckDB file per workspace, opened by one process.

`schema.py`   the tables and what their columns mean: start here
`stage.py`    the shape in which new facts arrive (from rows or from files)
`store.py`    the open database: transactions, catalog, look-ups
`rows.py`     facts as Python objects -> stages (filling, pivot, casting, sheet) -> apply;
              or part by part as the live loader makes them (`parts.py`)
`apply.py`    staged facts -> tables: identities, de-duplication, learned columns, history, links
`who.py`      who is who: which identities are one contact (joining, screening)
`handover.py` contacts merge, and merges are undone: identities change hands (merges)
`evaluate.py` definitions at a moment, for everybody (snapshot, frame, columns)
`recipients.py` the one account that a letter to each member speaks of; `matched.py` the value
              that made a same-value condition true of them
`activity.py` who was active last (written.py: all that was ever written of somebody's traits)
`partial.py`  any metric for a few subjects (gather: their events, read once)
`changes.py`  what was stored since a mark, or became visible (tail, touched)
`refusals.py` events that could not be loaded, and why
`transitions.py` who entered and left, sizes and members at any past time (movers: their names)
"""
