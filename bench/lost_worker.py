"""A worker of a Spark cluster is lost in the middle of an evaluation."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.cluster_run import Ran
from bench.event_log import Work, jobs_begun, work
from bench.standalone import Cluster

FROZEN = 1.0
"""Seconds between a worker's freezing and its death: by then some task waits for it."""


class Lost(NamedTuple):
    """The answer, what the driver wrote down, and the jobs begun when the worker froze."""

    ran: Ran
    work: Work
    at: int


def lose_a_worker(
    cluster: Cluster, source: Path, target: Path, options: Sequence[str], at: int
) -> Lost:
    """Evaluates on the cluster; when `at` jobs have begun, one worker freezes and is killed with
    SIGKILL, its executor with it. `options`: of `bench.cluster_run`.

    RuntimeError when the evaluation ends without an answer, or before that many jobs."""
    program = [sys.executable, "-m", "bench.cluster_run"]
    command = [*program, cluster.address, str(source), str(target), *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, env=cluster.environment, stderr=pipe, text=True, start_new_session=True
    ) as driver:
        try:
            while (begun := jobs_begun(cluster.events)) < at and driver.poll() is None:
                time.sleep(0.05)
            cluster.workers[-1].freeze()
            time.sleep(FROZEN)
            cluster.workers[-1].kill()
            _, said = driver.communicate()
        finally:
            driver.kill()
    if driver.returncode or begun < at:
        raise RuntimeError(f"{begun} jobs, then the driver ended: {said[-4000:]}")
    ran = msgspec.msgpack.decode(target.read_bytes(), type=Ran)
    return Lost(ran, work(cluster.events), begun)
