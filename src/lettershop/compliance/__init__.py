"""Compliance: may we send? Consent, suppression, caps, quiet hours; a person's export and erasure.

    policy.py      consent.toml: purposes, topics, streams, caps, quiet hours (words: rules.py)
    addresses.py   one form of an address to compare by; keys.py: its keyed hash
    book.py        the records of one workspace, opened with its secret: start here
      suppression.py, consent.py, topics.py   what is written down, and how it is undone
    gate.py        `may_send(question)`: allowed or not, every reason, until when
      standing.py, countries.py, caps.py, quiet.py   the parts of the answer, each pure
    person.py      everything held about somebody, as JSON; erasure that never forgets to keep quiet

Records name people by a keyed hash; the address beside it (`KnownAddress`) goes with erasure, the
hash stays. Consent entries are only ever added: the database refuses to change them.
"""
