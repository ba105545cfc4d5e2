"""Who may do what: users with roles, API tokens, sources with their write keys, the audit trail.

`principal.py`   who is asking, and whether they may: start here
`models.py`      the records (Django), on SQLite or PostgreSQL
"""
