"""Golden files: one letter of each class, kept beside the templates and compared in CI.

    a Proof's samples -> pruned.py: only what is read -> standins.py: nobody's real data
        -> keeping.py: still the same class? then files.py: <class>.json, .html and .txt
    suite.py: all of a folder -> comparing.py: rendered again, without any data of customers

Start with keeping.py.
"""
