"""The segment language: one typed tree with three faces.

text  --parse-->  tree  --render-->  text      what people write and review        (text/)
JSON  <--json-->  tree                          what the API and the builder use    (jsonform.py)
                  tree  --sentence-> English    what a marketer reads               (english.py)

Start with `tree.py`: it says which conditions exist. What they mean, exactly, is in
docs/explanation/meaning.md and, executable, in `engines/referee`.
`operators.py` holds one row per comparison; `check.py` compares a tree with the catalog;
`walk.py` goes through any tree.
"""

from lettershop.language.check import check
from lettershop.language.english import sentence
from lettershop.language.jsonform import from_json, json_schema, to_json
from lettershop.language.text.parse import Parsed, parse
from lettershop.language.text.render import render
from lettershop.language.walk import references

__all__ = [
    "Parsed",
    "check",
    "from_json",
    "json_schema",
    "parse",
    "references",
    "render",
    "sentence",
    "to_json",
]
