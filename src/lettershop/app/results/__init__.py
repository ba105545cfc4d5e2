"""Results of a campaign: read from the ledger and the facts, counted by campaigns/results/.

report.py     a campaign by its name -> Results: start here
ledger.py     rows of its send, and whom they are about
facts.py      what came back: clicks, replies, bounces, complaints
response.py   what people did, day by day and link by link
goals.py      who reached the goal, and what they spent
segments.py   who was in a segment when the audience was frozen
watching.py   while it is being sent: should it stop?
"""

from lettershop.app.results.report import results
from lettershop.app.results.watching import Watch

__all__ = ["Watch", "results"]
