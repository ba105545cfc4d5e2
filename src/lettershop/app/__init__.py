"""The wiring: builds everything, and is the only room that knows all others.

workspace.py   Workspace: a folder opened, and every question that can be asked of it: start here
segment.py     what it answers with: Segment, Overlap
segment_pages/ segments and partitions as their pages show them; building.py: the rule builder
today/         how it stands and what is due; deliverability/: whether letters arrive
members.py     a segment's members, for pandas, Polars, Arrow, CSV
settings.py    lettershop.toml and the environment
shop.py        Shop: what commands and API ask, answered in plain structs (answers.py)
server.py      everything behind the doors of a running server; running.py: as its doors see it
engine.py      one writer, many readers; background.py: jobs; live.py, vitals.py, logs.py: how it is
               (figures.py: of log and jobs, in every process)
records.py     where users and keys are (Django); serving.py: how commands find the server
people.py      contacts and accounts as they are shown, with timeline.py, record.py, shown.py
portrait/      one contact or account as its page shows it, and the lists of them
upserts.py     contacts, accounts and records written through the API; items.py: what may be said
sources.py     how sources, feeds and the watched folder do; persons.py: what is held of somebody
changing/      settings and consent.toml changed from pages, with care and a trace
backup.py      one file that holds it all; backups.py: made beside everything else
lake.py        the facts as Parquet, there and back; lakes.py: written by the clock
moving/        records from SQLite to PostgreSQL and back: `lettershop records move`
rebuild.py     the facts again from what was said
publishing.py  from a folder or a draft to what is in force: candidates.py (read), difference.py
               (who moves), planned.py, plans.py (what is shown); pinning.py, proving.py
refreshing/    published segments brought current, by whichever engine; lakeside.py: a workspace
               asked over its lake; features.py: the numbers behind segments as a file
changes.py     who entered and left, as answers; streams.py, webhooks.py tell it to others
imports.py     uploads of a running server; drafts.py: before they are imported
feeds.py       its watched folder and pulls
letter_files.py  files of templates written one by one; letter_publishing.py: one in force;
               letter_words.py: what a letter can use
letters.py     letters looked at and proved, with typeset.py, audiences.py, surroundings.py
campaigning/   campaigns step by step, with freezing/, preflight/ and results/
sending/       letters of a send, and sender processes; messaging/: those asked for one by one
postoffice/    what leaves a running server, what comes back; restored.py: nothing by itself then
"""

from lettershop.app.lakeside import LakeWorkspace, lake_workspace
from lettershop.app.members import Members
from lettershop.app.segment import Overlap, Segment
from lettershop.app.workspace import Workspace

__all__ = ["LakeWorkspace", "Members", "Overlap", "Segment", "Workspace", "lake_workspace"]
