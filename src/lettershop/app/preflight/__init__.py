"""Preflight: may it leave? Every rule of campaigns/preflight asked of one campaign.

    examining.py   start here: Preflight, over a freeze (dry run) or over the rows of a send
    rows.py        where rows come from;  passing.py: all of them built and looked at, once
    domains.py     the doctor, asked of the sending domains, remembered for some minutes
    figures.py     what the ledger and the results know;  keeping.py: the records themselves
    deciding.py    feeds, uncertain segments, sizes, proofs
    one_click.py   a POST to the unsubscribe address of a test recipient, through our own pages

What is decided about all this is pure, and in campaigns/preflight.
"""
