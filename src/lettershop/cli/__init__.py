"""The command line: one door of the house; it alone knows arguments, colours and exit codes.

main.py        which commands there are: start here; places.py loads those that are asked for
endings.py     errors and exit codes;  options.py: common options;  doors.py: the workspace
reach.py       whom a command asks: the folder, or a running server (remote.py, problems.py)
output.py      tables, JSON, findings
segment.py     lettershop segment …, with views.py for what it draws
plan.py        lettershop plan, apply; version.py, pin.py: versions and pins; all with plan_views.py
register.py    what they ask: the records of the folder, or a running server
refresh.py, features.py   published segments brought current; their numbers as a file
               (asked_engine.py: which engine a question is asked of; doing.py: what is being done)
data.py        lettershop import, rates, catalog; arrivals.py draws imports
pull.py, contact.py   lettershop pull …, contact …
workspace.py   lettershop init, version
user.py, token.py, source.py   people and keys: they go to the records (records.py); moving.py: they
                               are moved to another database
changes.py, webhook.py   who entered and left segments, and who is told (following.py)
demo.py        lettershop demo, with story.py for what it tells
"""

from lettershop.cli.main import app, main

__all__ = ["app", "main"]
