"""Lint: what is wrong with a letter, seen from the reader's side and from that of mail clients.

rules.toml         every rule: level, sentence, why, hint, source; rule.py reads it
tree.py, look.py   HTML -> elements, and how each text in them looks
paper.py           what is judged: a template's page, or one finished letter
links.py, images.py, heads.py, looks.py, clients.py, access.py, wording.py, legal.py: the rules
places.py          where in the template's file it stands
linting.py         lint_template, lint_rendered: start here
quick.py           what is cheap enough to ask of every recipient's letter; the proof asks it too
spamassassin.py    what SpamAssassin says, where it is installed
"""
