"""Segments: as code in a folder, in force in a register, by hand with pins.

A folder: TOML files in, checked definitions in dependency order out.

reading.py     one file -> entries: keys checked, nothing understood yet (reading_defaults.py)
partition.py   a family of segments: first match wins, the catch-all holds the rest
order.py       references: unknown ones, cycles, the order to evaluate in
folder.py      all files of a folder -> Library, all findings at once: start here

The register, and who follows it:
register.py    what is in force (models.py, Django): the keeper starts here
world.py       what somebody wants beside it -> Proposal, judged; renaming.py lets both be evaluated
versions.py    drafts, and publishing any number of segments at once
waiting.py     drafts not decided upon; contrast.py: what sets members apart, honestly
pins.py        exceptions by hand; proof.py: that a partition is one
cursors.py     how far each reader of transitions has come
webhooks.py    addresses that are told, through outgoing.py, which reaches nothing it should not
"""
