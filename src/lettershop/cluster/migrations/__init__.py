"""Changes of the tables, in order; `app/records.py` applies what is missing."""
