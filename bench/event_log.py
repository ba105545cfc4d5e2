"""What a Spark driver did, from its event log: jobs, tasks, what failed, what was moved."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple


class Work(NamedTuple):
    """Tasks that succeeded, and failures by Spark's reason (`ExecutorLostFailure`, `FetchFailed`,
    `Resubmitted`: finished, but its output was lost with the executor). Bytes and rows as Spark
    counts them; `cpu`, `run`: seconds in tasks. `after`: jobs begun after an executor was lost."""

    failed: dict[str, int]
    cpu: float
    run: float
    jobs: int
    tasks: int
    executors_lost: int
    after: int
    read_bytes: int
    read_rows: int
    shuffle_bytes: int
    shuffle_rows: int
    result_bytes: int
    spilled_bytes: int


def jobs_begun(events: Path) -> int:
    """So far, by a driver that may still be running."""
    return sum(entry["Event"] == "SparkListenerJobStart" for entry in _entries(events))


def work(events: Path) -> Work:
    """Of all drivers that wrote into this folder."""
    sums: Counter[str] = Counter()
    failed: Counter[str] = Counter()
    for entry in _entries(events):
        match entry["Event"]:
            case "SparkListenerJobStart":
                sums["jobs"] += 1
                sums["after"] += bool(sums["executors_lost"])
            case "SparkListenerExecutorRemoved":
                sums["executors_lost"] += 1
            case "SparkListenerTaskEnd":
                reason = entry["Task End Reason"]["Reason"]
                if reason != "Success":
                    failed[reason] += 1
                    continue
                sums["tasks"] += 1
                sums.update(_measured(entry["Task Metrics"]))
    counts = {name: sums[name] for name in Work._fields[3:]}
    return Work(dict(failed), sums["cpu"] / 1e9, sums["run"] / 1e9, **counts)


def _measured(task: dict[str, Any]) -> dict[str, int]:
    read, written = task["Input Metrics"], task["Shuffle Write Metrics"]
    return {
        "read_bytes": read["Bytes Read"],
        "read_rows": read["Records Read"],
        "shuffle_bytes": written["Shuffle Bytes Written"],
        "shuffle_rows": written["Shuffle Records Written"],
        "result_bytes": task["Result Size"],
        "spilled_bytes": task["Disk Bytes Spilled"],
        "cpu": task["Executor CPU Time"],
        "run": task["Executor Run Time"] * 1_000_000,
    }


def _entries(events: Path) -> Iterator[dict[str, Any]]:
    """All whole lines; the last one of a running driver may still be half written."""
    for file in sorted(events.iterdir()):
        for line in file.read_bytes().split(b"\n")[:-1]:
            yield json.loads(line)
