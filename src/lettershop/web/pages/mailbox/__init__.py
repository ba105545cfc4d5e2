"""Letters as they arrived, where the workspace sends to the built-in mailbox: on trial, nothing
leaves this machine, and here is what people would have got.

`addresses.py`   its addresses, `views.py` the pages; `there.py` whether there is such a mailbox
"""
