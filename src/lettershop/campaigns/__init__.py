"""Campaigns: who gets which letter when, and whether it may leave.

preflight/: the rules a campaign has to pass before it leaves.
"""
