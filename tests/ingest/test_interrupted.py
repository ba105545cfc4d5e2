"""Ctrl-C in the middle of a query, in a process of its own: a signal belongs to nobody else."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest
from duckdb.sqltypes import VARCHAR

from lettershop.ingest.opening import reading

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


def test_ctrl_c_within_a_function_of_ours(tmp_path: Path) -> None:
    """DuckDB tells it as an error of the query; it is no fault of the file."""

    def stopped(value: str) -> str:
        raise KeyboardInterrupt

    with duckdb.connect() as con:
        con.create_function("stopped", stopped, [VARCHAR], VARCHAR)
        with pytest.raises(KeyboardInterrupt), reading(tmp_path / "a.csv"):
            con.execute("SELECT stopped('x')")
