"""The ledger: who gets what, written down before it is tried, and what came of it.

    rows.py (shapes), snapshot.py (what a letter read, frozen) -> planning.py (sends, their rows)
        -> leasing.py (senders take rows, and settle them) -> counting.py (the proof that adds up)
    controls.py: pause, resume, abort, and what ends by itself;  telling.py: outcomes become facts
    asked.py: what returns ask of it;  app/sent.py: what caps and people's rights do
    timing.py: one clock for all machines

Everything is plain SQL in statements.py, the same for SQLite and PostgreSQL but for one clause; the
tables are those of ../models.py. States stand in it as literals: only then the partial indexes are
used (measured: 152 ms instead of 2).

    planned -> leased -> attempting -> accepted | deferred | refused | unknown
            \\-> suppressed, failed               deferred -> leased
"""
