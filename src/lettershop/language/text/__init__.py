"""The text form, both ways.

text --limits--> --grammar.lark--> syntax tree --build_*--> tree      (parse.py)
                                        └── mistakes.py: what to say when it does not fit
tree --render--> text                                                 (render.py)
"""
