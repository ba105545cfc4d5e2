"""What people open in a browser: Django views and templates; everything works without JavaScript.

Areas, one folder each, with their addresses in `addresses.py` and their templates in
`web/templates/<area>/`: `today/`, `segments/`, `contacts/` (and accounts), `content/`,
`campaigns/`, `deliverability/`, `sources/`, `settings/`.

What all of them share:

`roles.py`      which role a page needs: every address says so
`menu.py`, `context.py`     the menu, and what every template knows
`words.py`      tags and filters: numbers, times, icons, charts (`charts.py`, `icons.py`)
`choices.py`    language, time zone and colours of a viewer
`telling.py`    what is said after something was done, with its undo
`login.py`      signs in and out; `errors.py` pages for what went wrong; `assets.py` files
"""
