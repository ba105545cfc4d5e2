"""Everybody's letter rendered before one leaves.

    recipients with their values -> runner.py: every letter for real -> tally.py: counted by class,
        checks.py: what is wrong with one, noticed.py: with how many -> summary.py: put in order,
        wording.py: in words -> said.py: the Proof
    records.py: proofs kept; accepting.py: what somebody has looked at and accepted, and the lock
    golden/: one letter of each class kept as files, and compared in CI

A class is everything that was so in a letter (content/letter.py); its number depends on the
template's text, its id (wording.class_id) only on what was so. Start with runner.py.
"""
