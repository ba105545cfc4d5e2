"""Sender processes: from leased rows to mail servers, with the promise kept through any kill.

sender.py: lease -> build -> may it still? -> mark `attempting` -> a short queue per provider
workshop.py: messages are built in a thread of its own
pool.py: connections that do nothing but I/O;  attempt.py: one message on one of them:
    offered -> journal `attempting`, on disk -> the final dot -> outcome -> journal
settling.py: outcomes to the ledger in batches;  desk.py: the ledger, asked from a thread
journal.py, lines.py: the file written before the dot;  recovery.py: what it says after a kill
process.py: the process;  rounds.py: what it does every few seconds
supervisor.py: as many processes as wanted, kept alive
parts.py: what a sender needs of others
"""
