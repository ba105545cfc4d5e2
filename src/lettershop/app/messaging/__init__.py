"""Transactional messages: asked for one by one, by somebody's program.

messages.py (asked before? may it go? planned)  start here
    -> reading.py (who it goes to, what their letter reads);  shelf.py: templates kept ready
answers.py: what is asked and answered
"""
