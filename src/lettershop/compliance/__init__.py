"""Compliance: may we send? Consent, suppression, caps, quiet hours; a person's export and erasure.

    book.py        the records of one workspace, opened with its secret: start here
      suppression.py, lists.py       who gets no letters; as CSV, in and out
      consent.py, optin.py           what people said, for good; double opt-in
      topics.py, unsubscribe.py      what they want to read, and that they want no more
    gate.py        `may_send(question)`: allowed or not, every reason, until when (question.py)
      standing.py, countries.py, caps.py, quiet.py, checks.py   the parts of the answer, each pure
    policy.py, streams.py   consent.toml: purposes, topics, streams, caps, quiet hours (rules.py)
    person.py      everything held about somebody, as JSON; erasure that never forgets to keep quiet
    addresses.py   one form of an address to compare by; keys.py: its keyed hash; words.py

Records name people by a keyed hash; the address beside it (`KnownAddress`) goes with erasure, the
hash stays. Consent entries are only ever added: the database refuses to change them.
"""
