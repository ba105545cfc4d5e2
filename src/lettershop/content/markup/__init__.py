"""Markup: a body as it was written, MJML or HTML with Liquid, becomes a page, once per template.

marks.py       Liquid is taken out and stands as marks that every parser leaves alone
tokens.py      markup with marks -> tags, text and comments, each with its place
mjml_tree.py   MJML tokens -> elements; mjml_rules.py (+ mjml.toml): are they allowed there?
mjml.py        elements -> the compiler (mrml) -> HTML
tidy.py        HTML as its reader will understand it: what is open is closed, `<tbody>` written,
               a loop ends where it began; nesting.py keeps count
inline.py      CSS into the elements, around the marks
document.py    doctype, language, charset, hidden preheader
text.py        the text part, from the finished HTML
page.py        all of it in order, Liquid put back: start here
"""
