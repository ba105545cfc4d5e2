"""Records copied whole from one database to another: SQLite to PostgreSQL, and back.

`tables.py`    which tables and columns, in the order in which rows may be added
`kinds.py`     a value in one form, whichever database it comes from; how each takes it
`copying.py`   all rows, counted and summed up on both sides
`guarding.py`  nobody else at work; what a database holds already; where a move was broken off
`move.py`      `lettershop records move`: the whole of it, and the switch at its end
`keeping.py`   records of PostgreSQL inside a backup, as an SQLite file

A copy is one transaction of the database it goes to. Until it has been read back and found equal
nothing of it is there; until the setting is switched the old records are in force.
"""
