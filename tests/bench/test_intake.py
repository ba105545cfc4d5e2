"""The bench of the collector: its servers answer, and it reads what wrk says."""

import subprocess
from pathlib import Path

import httpx
import pytest

from bench import intake
from lettershop.ingest.log import LogReader

SAID = """
Running 5s test @ http://127.0.0.1:8460/v1/batch
  1 threads and 32 connections
  Latency Distribution
     50%  850.00us
     75%    2.10ms
     90%    3.70ms
     99%    1.02s
  7932 requests in 5.00s, 1.22MB read
  Non-2xx or 3xx responses: 3
Requests/sec:   1586.40
"""


def test_what_wrk_says() -> None:
    found = intake.figures(SAID, 100)
    assert found == intake.Figures(1586.4, 158_640.0, 0.85, 1_020.0, 3)


def test_without_wrk_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(SystemExit, match="apt install wrk"):
        intake.main([])


@pytest.mark.parametrize("kind", intake.SERVERS)
def test_each_server_answers(kind: str, tmp_path: Path) -> None:
    body = {"batch": [intake.event(1)], "writeKey": intake.KEY}
    with intake.server(kind, tmp_path / "log") as port:
        answer = httpx.post(f"http://127.0.0.1:{port}/v1/batch", json=body)
    assert (answer.status_code, answer.json()) == (200, {"success": True})
    if kind == "collector":
        with LogReader(tmp_path / "log") as reader:
            assert reader.last_seq() == 1


def test_wrk_is_asked_for_what_the_collector_takes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def run(command: list[str], **more: object) -> "subprocess.CompletedProcess[str]":
        asked.append(command)
        return subprocess.CompletedProcess(command, 0, SAID, "")

    monkeypatch.setattr(subprocess, "run", run)
    assert intake.wrk(1, b'{"a":[[1]]}', "track", 2, tmp_path) == SAID
    assert "http://127.0.0.1:1/v1/track" in asked[0] and "-d2s" in asked[0]
    assert 'wrk.body = [=[{"a":[[1]]}]=]' in (tmp_path / "request.lua").read_text()
