"""Preflight: what has to hold before a campaign leaves, as rules with an id, a level and a source.

knowledge/rules.toml   the rules
rules.py               reads them: rules(), rule("AUTH-1");  check(): whether the table is sound
"""

from lettershop.campaigns.preflight.rules import Rule, check, rule, rules

__all__ = ["Rule", "check", "rule", "rules"]
