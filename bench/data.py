"""A B2B company of any size, made by SQL: the same seed gives the same files."""

from pathlib import Path
from typing import NamedTuple

import duckdb

from lettershop.engines.duckdb.compose import Sql, sql

START = "2024-01-01"
AS_OF = 1_767_225_600_000
"""2026-01-01T00:00Z, two years after the first event and later than all facts."""
ROWS_PER_FILE = 10_000_000

EVENTS = (
    "Page Viewed", "Feature Used", "Signed In", "Document Opened", "Search Performed",
    "Product Viewed", "Report Exported", "Newsletter Read", "Order Completed", "Product Added",
    "Comment Written", "File Uploaded", "Dashboard Viewed", "Video Watched", "Link Shared",
    "Form Submitted", "Webinar Attended", "Invoice Viewed", "Support Asked", "Flight Booked",
    "Plan Changed", "Trial Started", "Teammate Invited", "Integration Added", "Key Created",
    "Survey Answered", "Pricing Visited", "Demo Requested", "Trial Ended", "Review Written",
    "Coupon Used", "Cart Abandoned", "Return Requested", "Profile Completed", "Export Failed",
    "Password Changed", "Seat Added", "Seat Removed", "Contract Signed", "Account Closed",
)  # fmt: skip
"""From the most frequent to the rarest: the n-th is about 1/n^0.8 as frequent as the first."""


class Size(NamedTuple):
    contacts: int
    accounts: int
    events: int
    seed: int


def generate(folder: Path, size: Size, most: int | None = None) -> list[Path]:
    """Writes the files in the order in which they are to be imported; events come last.

    `most`: only so many events of the history, the earliest ones.
    """
    con = duckdb.connect()
    con.execute("SET preserve_insertion_order = false; SET enable_progress_bar = false")
    con.execute(RANDOM)
    made = []
    for name, query in _FILES.items():
        made.append(folder / f"{name}.parquet")
        _write(con, query, made[-1], size, 0, size.contacts)
    events = size.events if most is None else min(most, size.events)
    for part, first in enumerate(range(0, events, ROWS_PER_FILE)):
        made.append(folder / f"events-{part:02}.parquet")
        last = min(first + ROWS_PER_FILE, events)
        _write(con, _EVENTS_QUERY, made[-1], size, first, last)
    con.close()
    return made


def mapping_of(file: Path) -> str:
    """The mapping (TOML) with which a generated file is imported."""
    return _MAPPINGS[file.stem.partition("-")[0]]


def _write(
    con: duckdb.DuckDBPyConnection, query: str, target: Path, size: Size, first: int, last: int
) -> None:
    values = {**size._asdict(), "start": START, "first": first, "last": last}
    wanted = {k: v for k, v in values.items() if f"${k}" in query}
    if "$slots" in query:
        wanted["slots"] = slots()
    con.sql(query, params=wanted).write_parquet(str(target), compression="zstd")


def slots() -> list[str]:
    """A thousand event names, each as often as its share."""
    weights = [(n + 1) ** -0.8 for n in range(len(EVENTS))]
    slots: list[str] = []
    reached = 0.0
    for name, weight in zip(EVENTS, weights, strict=True):
        reached += weight * 1000 / sum(weights)
        slots += [name] * (round(reached) - len(slots))
    return slots


# u(i, k): uniform in [0, 1) for row i and purpose k; w(i, k, seed): a whole number.
RANDOM = """
CREATE OR REPLACE TEMP MACRO w(i, k, seed) AS hash(i * 64 + k, seed);
CREATE OR REPLACE TEMP MACRO u(i, k, seed) AS (w(i, k, seed) >> 11)::DOUBLE / 9007199254740992.0;
CREATE OR REPLACE TEMP MACRO pick(choices, x) AS
    choices[1 + (x * len(choices))::INTEGER % len(choices)];
"""

_CONTACTS = """
SELECT 'u' || i AS user_id, 'person' || i || '@firm' || i % $accounts || '.example' AS email,
    pick(['VP Sales', 'vp marketing', 'Head of Data', 'Developer', 'Buyer', 'Engineer', 'CEO',
        'Account Manager', ' Developer ', 'Analyst'], u(i, 1, $seed)) AS title,
    pick(['DE', 'US', 'FR', 'GB', 'NL', 'AT', 'US', 'US'], u(i, 2, $seed)) AS country,
    pick(['free', 'trial', 'pro', 'business'], pow(u(i, 3, $seed), 2)) AS plan,
    CASE WHEN u(i, 4, $seed) < 0.8 THEN floor(u(i, 5, $seed) * 100) END AS score,
    CASE WHEN u(i, 6, $seed) < 0.6 THEN '+49 30 ' || w(i, 6, $seed) % 1000000 END AS phone,
    TIMESTAMP '2024-01-01' + to_seconds(floor(pow(u(i, 7, $seed), 1.3) * 6e7)) AS created_at
FROM range($contacts) AS r(i)
"""

_SCORES = """
SELECT 'u' || i % $contacts AS user_id, floor(u(i, 10, $seed) * 100) AS score,
    TIMESTAMP '2025-09-01' + to_seconds(floor(u(i, 11, $seed) * 1e7)) AS changed_at
FROM range($contacts // 2) AS r(i)
ORDER BY changed_at
"""

_ACCOUNTS = """
SELECT 'a' || i AS account_id, 'Firm ' || i AS name,
    pick(['Software', 'Retail', 'Health', 'Logistics', 'Education'], u(i, 20, $seed)) AS industry,
    1 + floor(exp(u(i, 21, $seed) * 7)) AS employees,
    pick(['starter', 'team', 'enterprise'], pow(u(i, 22, $seed), 1.5)) AS plan,
    TIMESTAMP '2026-01-01' + to_seconds(floor(u(i, 23, $seed) * 3e7)) AS renewal_at
FROM range($accounts) AS r(i)
"""

_PEOPLE = """
SELECT 'u' || i AS user_id, 'a' || i % $accounts AS account_id,
    pick(['admin', 'member', 'member', 'billing'], u(i, 30, $seed)) AS role,
    TIMESTAMP '2023-12-01' + to_seconds(i % 86400) AS since
FROM range($contacts) AS r(i) WHERE u(i, 31, $seed) < 0.9
UNION ALL
SELECT 'u' || i, 'a' || (i + 1 + w(i, 32, $seed) % ($accounts - 1)) % $accounts, 'guest',
    TIMESTAMP '2024-03-01' + to_seconds(i % 86400)
FROM range($contacts) AS r(i) WHERE u(i, 33, $seed) < 0.1
"""

_DEALS = """
SELECT 'd' || i AS deal_id, 'a' || w(i, 40, $seed) % $accounts AS account_id,
    pick(['open', 'proposal', 'won', 'lost'], u(i, 41, $seed)) AS stage,
    floor(exp(u(i, 42, $seed) * 6) * 100) AS amount,
    TIMESTAMP '2024-01-01' + to_seconds(floor(u(i, 43, $seed) * 6e7)) AS updated_at
FROM range($accounts * 3) AS r(i)
ORDER BY updated_at
"""

_FILES = {
    "contacts": _CONTACTS,
    "accounts": _ACCOUNTS,
    "people": _PEOPLE,
    "scores": _SCORES,
    "deals": _DEALS,
}

PERSON = "floor($contacts * pow(u(i, 51, $seed), 2))::BIGINT"
"""Whose event number i is: a third of the contacts does most of them."""

HAPPENED = """make_timestamp(epoch_us($start::TIMESTAMP)
    + ((i / $events) * 63150000 + u(i, 52, $seed) * 600)::BIGINT * 1000000
    + (w(i, 53, $seed) % 1000)::BIGINT * 1000)"""
"""When it happened: in time order but for ten minutes of disorder."""

PROPERTIES = {
    "page": """CASE WHEN event IN ('Page Viewed', 'Link Shared', 'Pricing Visited')
        THEN '/page/' || floor(pow(u(i, 54, $seed), 3) * 200)::INTEGER END""",
    "duration": """CASE WHEN event IN ('Page Viewed', 'Feature Used', 'Video Watched')
        THEN floor(u(i, 55, $seed) * 600) END""",
    "feature": """CASE WHEN event IN ('Feature Used', 'Export Failed', 'Report Exported')
        THEN pick(['Search', 'Import', 'Export', 'Chart', 'Alert', 'Share', 'API', 'Mobile'],
            pow(u(i, 56, $seed), 2)) END""",
    "revenue": """CASE WHEN event IN ('Order Completed', 'Invoice Viewed', 'Flight Booked')
        THEN (10 + floor(exp(u(i, 57, $seed) * 5) * 100) / 100)::DECIMAL(12, 2) END""",
    "sku": """CASE WHEN event IN ('Order Completed', 'Product Viewed', 'Product Added')
        THEN 'SKU-' || floor(pow(u(i, 58, $seed), 2) * 1000)::INTEGER END""",
    "destination": """CASE WHEN event = 'Flight Booked'
        THEN pick(['Berlin', 'Paris', 'London', 'Oslo', 'Rome', 'Madrid'], u(i, 59, $seed)) END""",
    "plan": """CASE WHEN event IN ('Plan Changed', 'Trial Started')
        THEN pick(['free', 'pro', 'business'], u(i, 60, $seed)) END""",
}
EVENT = "$slots[1 + (w(i, 50, $seed) % 1000)::INTEGER]"


def properties() -> list[Sql]:
    """The properties of a row with `i` and `event`, as columns of their names."""
    return [sql("{value} AS {name}", value=Sql(v), name=k) for k, v in PROPERTIES.items()]


_EVENTS_QUERY = sql(
    """
WITH drawn AS (
    SELECT i, {event} AS event, 'u' || {person} AS user_id, {happened} AS happened_at
    FROM range($first, $last) AS r(i)
)
SELECT event, user_id, happened_at, {properties} FROM drawn ORDER BY i
""",
    event=Sql(EVENT),
    person=Sql(PERSON),
    happened=Sql(HAPPENED),
    properties=properties(),
)

_MAPPINGS = {
    "contacts": """
[contact]
user_id = "user_id"
email = { column = "email", type = "text" }
time = "created_at"
traits = { title = "title", country = "country", plan = "plan", score = "score", phone = "phone", \
created_at = "created_at" }
""",
    "scores": """
[contact]
user_id = "user_id"
time = "changed_at"
traits = { score = "score" }
""",
    "accounts": """
[account]
id = "account_id"
traits = { name = "name", industry = "industry", employees = "employees", plan = "plan", \
renewal_at = "renewal_at" }
""",
    "people": """
[contact]
user_id = "user_id"
time = "since"
[account]
id = "account_id"
[membership]
role = "role"
time = "since"
""",
    "deals": """
[account]
id = "account_id"
time = "updated_at"
[record]
kind = "deal"
id = "deal_id"
time = "updated_at"
fields = { stage = "stage", amount = "amount" }
""",
    "events": """
[contact]
user_id = "user_id"
[event]
name = { column = "event" }
time = "happened_at"
properties = { page = "page", duration = "duration", feature = "feature", revenue = "revenue", \
sku = "sku", destination = "destination", plan = "plan" }
""",
}
