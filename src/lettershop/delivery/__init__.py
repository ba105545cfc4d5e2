"""Delivery: from a rendered letter to a mailbox, and what comes back.

    building/ (bytes), dkim/ (signature) -> ledger/ (who gets what, written before it is tried)
        -> senders/ -> wire.py: a Transport (smtp/, folder, memory) -> accepted, refused, unknown …
    tracking/: links and pixels out, clicks in;  returns/: bounces, complaints, replies
    mailbox/: a mail server of our own to send to while trying things out;  doctor/: what DNS says
    seeds.py: test letters, to our own people

Being built: see wire.py (what goes over the wire) and said.py (what came of it).
"""
