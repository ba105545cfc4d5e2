"""Letters: what is written once and read by everybody as if it were written to them.

    file (reading, folder) -> Template -> markup/ (MJML, CSS, text: once per template)
        -> liquid/ -> Letter (letter.py): what it reads, which blocks it has, render(values)
    audience.py: whom, and which block they see; values/: what is known of each
    catalog/: items to write about; recommend/: which of them; outside/: what other systems say
    remembered.py: what is worked out of files alone, once; starters/: what a new letter begins as
    proof/: every recipient's letter rendered before one leaves; lint/: what is wrong with one

Start with template.py (what a template says) and letter.py (what becomes of it).
"""
