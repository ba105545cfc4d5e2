"""Campaigns: who gets which letter when, whether it may leave, and what it caused.

definition.py (what its author says; reading.py reads it, writing.py writes it, beside.py compares
        it with the workspace)
    -> freezing, by app/ (who gets it: FreezeReport in said.py; drawing.py: holdout, variants)
    -> preflight/ (may it leave: PreflightReport)
    -> states.py, step by step; kept, with every move, by records.py  -> results/, experiments/
"""
