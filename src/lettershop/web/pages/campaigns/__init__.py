"""Campaigns: composed, checked, approved, sent, measured."""
