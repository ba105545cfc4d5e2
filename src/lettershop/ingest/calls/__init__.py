"""Tracking calls (the Segment protocol) become facts.

`refusal.py`   an event that could not be taken, and why
"""
