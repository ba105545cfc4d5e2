"""Today: how it stands, what moved, what needs somebody. `today.py` puts it together."""
