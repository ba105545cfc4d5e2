"""A small workspace filled with the demo's company, for tests of what users touch."""

from pathlib import Path

from lettershop.app import Workspace
from lettershop.demo.company import generate
from lettershop.demo.workspace import prepare
from lettershop.engines.duckdb.rows import Types, load
from lettershop.model.clock import FixedClock, parse_instant

TODAY = "2020-06-01T00:00Z"
CONTACTS = 300
TYPES: Types = {
    ("contact", "signup_date"): "date",
    ("contact", "location"): "location",
    ("contact", "score"): "number",
    ("account", "employees"): "number",
    ("account", "trial_end_date"): "date",
    ("account", "renewal_date"): "date",
    ("record:deal", "amount"): "number",
    ("event:Order Completed", "revenue"): "number",
    ("event:Flight Booked", "price"): "number",
}


def make_sample(folder: Path) -> Path:
    """The demo's definitions and its company of 300 contacts, loaded without files."""
    prepare(folder)
    today = parse_instant(TODAY)
    with Workspace.open(folder, clock=FixedClock(today)) as workspace:
        load(workspace.store, generate(CONTACTS, today=today).facts(), types=TYPES)
        workspace.store.set_salt("spring-holdout", 7)
    return folder
