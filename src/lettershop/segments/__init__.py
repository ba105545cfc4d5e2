"""Segments as code: TOML files in, checked definitions in dependency order out.

reading.py     one file -> entries: keys checked, nothing understood yet
partition.py   a family of segments: first match wins, the catch-all holds the rest
order.py       references: unknown ones, cycles, the order to evaluate in
folder.py      all files of a folder -> Library, all findings at once: start here
"""
