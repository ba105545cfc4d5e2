"""Content: templates, what everybody gets of them, and what they write about.

`listing.py`    all templates, and a new one
`letters.py`    a template's page: somebody's letter; `views.py` what is shown of it,
                `asked.py` what an address asks for, `people.py` whose letter it is
`proofs.py`     what was proved of everybody's
`editing.py`    the files of a template, checked and shown while they are typed (`drafts.py`)
`files.py`      files added and removed, and put back as they were
`publishing.py` what a template was, is and would be in force
`words.py`      what a letter can use; `catalogs.py` the items it writes about
`states.py`     short words for states, kinds and tabs; `texts.py` texts that came with a form
"""
