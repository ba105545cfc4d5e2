"""How letters arrive: what a marketer asks before and after a send, for pages and reports.

light.py      start here: green, yellow or red, and why
rates.py      what came back of what left, by stream and by provider;  judging.py: what is much
bounces.py    bounces by class and day, and what refusing servers said
pools.py      providers: what they bear, what they get now, what they have asked for
streams.py    streams of consent.toml, with their volume
domains.py    domains that letters are from;  keys.py: their DKIM keys
doctor.py     what DNS says about a domain: asked beside the requests, and kept
"""
