"""Letters of a send, from its rows: what senders, preflight and everybody who looks again share.

    editions (templates as they were frozen) + a row's snapshot -> letters.py: rendered, written,
        signed -> Built;  questions.py: may it still go?;  parts.py: a sender process

contract.py: what the others may rely on
"""
