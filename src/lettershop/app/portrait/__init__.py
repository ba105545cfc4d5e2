"""One contact or account as its page shows it: structs ready to be drawn, asked of one state.

lists.py     rows of the lists and of the finder: start here
held.py      the segments somebody is in, by what the refresher keeps: nothing is evaluated
values.py    traits: since when, where from, what they were before
worth.py     derived traits taken apart: rules, points, ledger; shelf.py: which there are
story.py     the timeline, with the moves between segments
linked.py    records: deals, tickets, orders
consents.py  per address: purposes, may we write, topics, suppression
letters.py   what was sent to somebody and what came back; received.py: one letter, rendered again
writing.py   a trait changed by hand; deciding.py: consent and suppression said by hand
"""
