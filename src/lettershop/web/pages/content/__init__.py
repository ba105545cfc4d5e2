"""Letters: templates, previews and proofs.

`letters.py`    templates and previews; `views.py` what is shown of them, `asked.py` what an address
                asks for
`proofs.py`     what was proved of them
"""
