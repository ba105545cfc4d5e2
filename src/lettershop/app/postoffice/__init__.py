"""The post office of a running server: letters leave, outcomes are told, returns come in.

office.py         all of it, with its jobs: start here
senders.py        sender processes, kept running;  sender.py: one of them
outcomes.py       what came of letters becomes facts; refusals act like bounces
emitting.py       facts of our own, through the raw log like everybody's
returning.py      returns: doors.py (LMTP, IMAP) -> spool -> taken in;  hooks.py: by webhook
deeds.py          what is done about them: suppressed, counted, stopped, told
letters_sent.py, owning.py, policies.py    whose letter, whose account, what consent.toml says now
figures.py        for monitoring
"""
