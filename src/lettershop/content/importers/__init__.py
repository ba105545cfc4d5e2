"""Letters of other tools become ours: merge tags to Liquid, and a report of what could not be.

    vendors/*.toml     what their fields, values and filters are called here; what is lost
    braze.py mautic.py mailchimp.py hubspot.py
                       one tokenizer each: tags -> Draft (draft.py) -> Translation
    letters.py         whole letters: subject, preheader, HTML, text -> files of a template

Start at `translate` (translating.py). What cannot be translated is kept in its place as
`{% untranslated "…" %}`, which is no tag of ours: the letter is an error until somebody decided.
"""
