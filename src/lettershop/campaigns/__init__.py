"""Campaigns: who gets which letter when, whether it may leave, and what it caused.

definition.py (what its author says) -> freezing, by app/ (who gets it: FreezeReport in said.py)
    -> preflight/ (may it leave: PreflightReport) -> states, step by step -> results
"""
