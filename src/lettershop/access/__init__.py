"""Who may do what: users with roles, API tokens, sources with their write keys, the audit trail.

`principal.py`   who is asking, and whether they may: start here
`models.py`      the records (Django), on SQLite or PostgreSQL
`users.py`       people and their passwords; `throttle.py` slows guessing down; `sessions.py` where
                 they are signed in
`tokens.py`      API tokens; `secret.py` makes and compares the secrets
`keys.py`        sources and their write keys; `keyring.py` holds the keys for the collector
`audit.py`       who changed what; `chain.py` shows that nobody changed it since
`tidy.py`        removes what has run out

Importing the room makes Django ready (`lettershop/ready.py`), so that its modules can be imported
in any order; `app/records.py` says where the records are.
"""

from lettershop import ready

__all__ = ["ready"]
