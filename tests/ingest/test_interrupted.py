"""Ctrl-C in the middle of a query, in a process of its own: a signal belongs to nobody else."""

import subprocess
import sys
from pathlib import Path

STORY = """
import os, signal, sys, threading
from pathlib import Path
from lettershop.engines.duckdb.store import Store
from lettershop.ingest.files import import_file
from lettershop.ingest.mapping_text import read_mapping
from lettershop.model.clock import FixedClock
from lettershop.model.settings import Settings

alarm = threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT))

def begin(progress):
    if progress.phase == "reading" and not alarm.is_alive():
        alarm.start()

mapping = '[contact]\\nemail = "Email"\\n[contact.traits]\\n"*" = "*"\\n'
with Store.open(None) as store:
    try:
        import_file(store, Path(sys.argv[1]), read_mapping(mapping), clock=FixedClock(0),
                    settings=Settings(), progress=begin)
    except KeyboardInterrupt:
        alarm.join()
        print("stopped", store.con.execute("SELECT count(*) FROM contacts").fetchall()[0][0])
"""


def test_ctrl_c_within_a_query(tmp_path: Path) -> None:
    """DuckDB says RuntimeError; it must arrive as what it is, and leave nothing."""
    rows = "Email,Name\n" + "".join(f"ä{n}@example.com,{n}\n" for n in range(120_000))
    path = tmp_path / "people.csv"
    path.write_text(rows, encoding="utf-8")
    told = subprocess.run(
        [sys.executable, "-c", STORY, str(path)], capture_output=True, text=True, timeout=120
    )
    assert told.stdout.split() == ["stopped", "0"], told.stderr
