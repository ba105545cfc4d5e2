"""Liquid: a variant of a template becomes a Letter that can be rendered for anybody.

environment.py   python-liquid with our tags, filters and limits: text -> stock nodes
fitting.py       one walk over them: what is read, what is tested, what may be missing;
                 stock nodes become ours (nodes.py, outputs.py, places.py, conditions.py)
register.py      what the parts of a letter share: policies, outcomes, findings
context.py       one rendering: names, limits, the class it falls into
compiled.py      subject, preheader, HTML and text together: start here
"""
