"""The freeze: from a campaign to rows of the ledger, for a dry run or for real.

    whom.py (segments in, segments out -> an audience) -> people.py (who they are)
        -> fates.py: lots.py (one letter each; holdout, variants), screening.py (may it be sent?
           when?), providers.py (who takes their mail)
        -> frozen.py: editions.py (the letters), writing.py (each one's values, frozen into a row)

freeze.py joins them: start there. Everybody of the audience gets a row, also those who will not get
a letter: with the reason, from the start, so that the proof of the send adds up over all of them.
"""
