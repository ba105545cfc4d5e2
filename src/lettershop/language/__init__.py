"""The segment language: one typed tree with three faces.

text  --parse-->  tree  --render-->  text      what people write and review   (text.py)
JSON  <--json-->  tree                          what the API and the builder use (json.py)
                  tree  --sentence-> English    what a marketer reads           (english.py)

Start with `tree.py`: it says which conditions exist. What they mean, exactly, is in
docs/explanation/meaning.md and, executable, in `engines/referee`.
`operators.py` holds one row per comparison; `check.py` compares a tree with the catalog.
"""
