"""Preflight: what has to hold before a campaign leaves, as rules with an id, a level and a source.

knowledge/rules.toml   the rules
rules.py               reads them: rules(), rule("AUTH-1");  check(): whether the table is sound
messages.py            every message looked at, from bytes to checks: heads.py and bodies.py are its
                       rules, reading.py takes a message apart, form.py what letters have in common
audience.py            people, from the answers of may_send;  domains.py: from the doctor's
figures.py, data.py    figures of ledger, results and records, and the data that decides
findings.py            what a check says, and its key

All of it is pure; app/preflight fetches the facts.
"""

from lettershop.campaigns.preflight.rules import Rule, check, rule, rules

__all__ = ["Rule", "check", "rule", "rules"]
