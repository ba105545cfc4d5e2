"""Letters of a send, from its rows: what senders, preflight and everybody who looks again share.

contract.py    what the others may rely on
shelf.py (sends, editions) + frozen.py (what a row kept) + marks.py (tokens, own addresses)
    -> letters.py: rendered, written, signed -> Built;  links.py: where its links lead now
questions.py, asking.py   may it still go?
parts.py, process.py      a sender process put together, and run
"""
