"""Tracking calls (the Segment protocol) become facts.

`call.py`        one call, as the clients send it
`read.py`        the body of a logged request -> calls; what is wrong with those that are none
`unreadable.py`  why a piece of JSON is no call, in plain words
`times.py`       when it happened: the skew rule
`who.py`         whose call it is: user id, address, anonymous id; ids nobody should have
`translate.py`   calls -> facts: start here
`spec.toml`      what the events of the B2B SaaS and the e-mail spec do besides happening
`spec.py`        the same, read and checked
`effects.py`     the facts such an event makes
`refusal.py`     an event that could not be taken, and why
"""
