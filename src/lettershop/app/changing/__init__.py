"""What a workspace was told, changed while its server runs: with care, and with a trace.

`present.py`    every setting as it is: value, where it comes from, what may be done about it
`judging.py`    whether a server could start with other settings
`changing.py`   lettershop.toml with some settings changed, comments kept
`deciding.py`   consent.toml as a whole: checked, compared, replaced, and taken back
`files.py`      a file replaced at once or not at all
"""
