"""What people open in a browser: Django views and templates; everything works without JavaScript.

`live.py`       the first page: what comes in
`sources.py`    sources and their write keys
`people.py`     users and API tokens
`content.py`    letters: templates and previews; `content_proofs.py` what was proved of them,
                `content_views.py` what both show, `content_asked.py` what an address asks for
`account.py`    one's own password; `login.py` signs in and out
`roles.py`      which role a page needs: every page says so in `urls.py`
`assets.py`     style, script and icon
`context.py`, `words.py`    what all templates know; `errors.py` pages for what went wrong
"""
