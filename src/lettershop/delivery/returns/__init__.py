"""Returns: what comes back, what it means, and what is done about it.

lmtp.py, imap.py -> spool.py (nothing is lost) ─┐
vendors/ (webhooks of providers) ───────────────┴─> reading.py: a Return
    -> correlating.py: whose letter was it? (verp.py; never an address that was not mailed)
    -> acts.py: what to do  ·  events.py: facts for the intake
taking.py: all of that in order; start here

rules.py with knowledge/bounces.toml: what a refusal means, also of one during sending
words.py with knowledge/words.toml: how a returned mail, an auto-reply, an unsubscribe is known
checking.py: `lettershop returns rules`
"""
