"""Facts from outside: files first.

`mapping.py`        what a mapping can say; `mapping_text.py` reads it from TOML
`guess.py`          a mapping from a look at the file
`files.py`          `import_file`: one file, one transaction; start here
`rates.py`          exchange rates
`convert.py`        raw column → typed value, equal to `model.values.coerce`
"""
