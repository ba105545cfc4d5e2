"""Links and pixels out, clicks and opens in: nothing is kept per link, all is in the signed token.

    tokens.py    Tokens: a row of the ledger, signed, as a few letters of an address: start here
    marks.py     once per template: which links are followed, numbered;  links.py: per recipient
    targets.py   where a link leads after it was sent (models.py: re-pointed links)
    hits.py      what a request said of itself, on disk before anything is made of it
    gateways.py  knowledge/gateways.toml: who opens and follows what nobody has read
    grading.py   human, machine or unknown, from a hit and what happened around it
    settling.py  a little later: hits graded together, and told as facts
    parties.py   what this room needs of others

The pages are in web/public/. Why so: docs/explanation/clicks-and-opens.md.
"""

from lettershop.delivery.tracking.links import Addresses
from lettershop.delivery.tracking.marks import mark_page
from lettershop.delivery.tracking.tokens import Tokens

__all__ = ["Addresses", "Tokens", "mark_page"]
