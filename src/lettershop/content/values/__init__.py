"""What is known of each recipient, for many at once: the values that letters are rendered from.

    template + what its letters read -> wanted.py (which fields, which properties)
        -> tables.py, data.py (few queries for the whole audience, into temporary tables)
        -> source.py (chunk by chunk: cells.py makes values, trees.py nests them)
    needs.py: what others bring: items, outside data, campaign, sender, links
    checking.py: variables that nothing is known of; report.py: who has which value, and who not

Start with source.py. docs/how-to/letter-values.md says what the variables mean.
"""
