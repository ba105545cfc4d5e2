"""Settings: people, tokens, the workspace, persons' rights, the audit trail.

`addresses.py`  where everything is, and who may
`overview.py`   what there is, each with how it is
`people.py`     users; `tokens.py` API tokens
`account.py`    one's own password, language, time zone, colours and sessions
`values.py`     settings in groups (`groups.py`, `labels.py`), changed with the way back
`consent.py`    consent.toml: caps, quiet hours, purposes, with what a change would do
`persons.py`    what is held about somebody: export and erasure
`trail.py`      the audit trail: who did what, and whether anybody changed it since
`webhooks.py`   addresses that are told who entered and left; `backups.py` backups
"""
