"""What other systems say of a recipient while the letter is made: one HTTPS address per source.

    template.Outside -> addresses.py (whom to ask) -> fetcher.py (asked once, remembered, given up)
        -> answers.py (only what the schema names, of the right type) -> values, or the fallback

A letter never waits longer than its source's timeout, and never holds what was not agreed on.
"""
