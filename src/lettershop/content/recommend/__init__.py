"""Recommendations: which items for whom, from what accounts and people bought and looked at.

    reading.py (events of the store) -> Interactions -> Model (built once per catalog and moment)
        -> rank(strategy, …): (n, k) items, the best first, for all recipients at once

Accounts buy, not people: what anybody bought for an account counts for all its people; a contact
without an account stands alone (buyers.py). Start with strategies.py, the table of ways to choose;
each has a file of its own. What they are worth was measured:
docs/explanation/recommendations.md.
"""
