"""Settings: people, tokens, the workspace, persons' rights, the audit trail.

`people.py`     users; `tokens.py` API tokens; `account.py` one's own password
"""
