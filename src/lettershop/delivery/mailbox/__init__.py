"""A mail server of our own, to send to while trying things out: it brings nothing anywhere.

    session.py: SMTP -> answers.py: refuse, delay, take -> store.py: kept after the final dot
        -> reading.py: a mail taken apart -> views.py, door.py: pages and JSON to read it
    running.py: both servers together; `with running_mailbox() as mailbox` in tests and demos
    transport.py: straight into the store, for `smtp = "mailbox"`

It has no login: it listens on this machine alone.
"""
