"""Today: how it stands, what moved, what needs somebody. Each file answers one question with
figures that pages draw and reports will.

    today.py       start here: all of it together
    growth.py      contacts and accounts, and how many are new
    mail.py        what was sent, and what came back
    moving.py      segments that moved most;  hindsight.py: of those not kept for long enough
    alarms.py      what is wrong: data.py (facts, segments), running.py (the server, campaigns)
    tasks.py       what waits for somebody: campaigning.py, expiring.py
    beginning.py   what to do first, in a new workspace
    days.py        days of the viewer's calendar, and what happened on each
"""
