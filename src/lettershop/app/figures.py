"""Figures of every process that takes requests, whether it owns the facts or not."""

from collections.abc import Iterator, Mapping

from lettershop.app.background import Background
from lettershop.app.vitals import Vital, Vitals
from lettershop.ingest.log.writer import LogWriter


def watch_log(vitals: Vitals, log: LogWriter) -> None:
    """What has gone into the log of requests; not ready while it refuses them."""
    vitals.add(lambda: _log_figures(log))
    vitals.check("log", lambda: log.refusal.message if log.refusal else "")


def watch_jobs(vitals: Vitals, jobs: Background) -> None:
    """How the jobs fare."""
    vitals.add(lambda: _job_figures(jobs))


def _log_figures(log: LogWriter) -> Iterator[Vital]:
    stats = log.stats
    yield from (
        _counter("intake_requests_total", "Requests written to the log.", stats.requests),
        _counter("intake_bytes_total", "Bytes of request bodies written to it.", stats.bytes),
        _counter("intake_failed_total", "Requests that could not be written.", stats.failed),
        _counter("intake_commits_total", "Commits of the log.", stats.commits),
        _counter("intake_commit_seconds_total", "Time spent in them.", stats.commit_seconds),
    )
    text = "Requests whose commit is not finished."
    yield Vital(name="intake_waiting", help=text, value=log.waiting)


def _job_figures(jobs: Background) -> Iterator[Vital]:
    for job, state in jobs.states.items():
        said = {"job": job}
        yield _counter("job_failed_total", "Attempts of a job that failed.", state.failed, said)
        text = "When the job last came through."
        name = "job_last_ok_timestamp_seconds"
        yield Vital(name=name, help=text, value=state.last_ok, labels=said)


def _counter(name: str, text: str, value: float, labels: Mapping[str, str] | None = None) -> Vital:
    return Vital(name=name, help=text, value=value, kind="counter", labels=labels or {})
