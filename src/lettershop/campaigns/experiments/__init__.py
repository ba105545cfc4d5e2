"""Experiments: rates and means compared honestly. Statistics only: nothing here reads or writes.

    clustered.py  the same where whole accounts were drawn, and for amounts
    means.py      revenue per person
    verdict.py    variants compared once, at a moment stated beforehand: start here

Intervals and tests of counts, and how many people a comparison needs, are in model/rates.py.

Why so: docs/explanation/experiments.md.
"""

from lettershop.campaigns.experiments.verdict import Arm, Plan, Verdict, compare, planned

__all__ = ["Arm", "Plan", "Verdict", "compare", "planned"]
