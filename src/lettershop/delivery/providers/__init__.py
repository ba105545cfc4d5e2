"""Receiving providers: who they are, how much they take at once, and what to do when they mind.

knowledge/providers.toml (with a workspace's own providers.toml) -> knowledge.py: read, checked
    -> whose.py, placing.py: MX hosts, and domains, to the name of a pool
    -> shaper.py: may a message start now?
backoff.py: when to try a message again;  warmup.py: how many a day while one is new
"""
