"""The sample company: Tidewright, a made-up firm that sells business-travel software.

company.py    generate(...) -> all facts, the same for the same seed and day: start here
people.py     who: accounts, contacts, who works where, how scores and plans moved
activity.py   what they did: sessions, bookings, orders, webinars, e-mail
crm.py        deals and tickets
words.py      the names everything is made of
files.py      the facts as files with mappings, blemishes included: what a user would import
workspace.py  where a demo may be written, and its segment definitions
serving.py    its server; readers.py: what made-up readers do with the letters that arrive
segments/     the definitions themselves
traits/       scores, stages and other derived traits
letters.py    the letters and what they need; content/, catalog/, owners.toml are theirs
"""
