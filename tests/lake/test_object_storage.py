"""The lake in object storage: an S3 of the test's own on 127.0.0.1 (moto)."""

from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
import s3fs
from moto.server import ThreadedMotoServer

from lettershop.engines.duckdb.lake.export import export
from lettershop.engines.duckdb.lake.loading import load as take
from lettershop.engines.duckdb.rows import load
from lettershop.engines.duckdb.store import Store
from lettershop.lake import snapshots
from lettershop.lake.storage import Lake
from lettershop.model.clock import HOUR, parse_instant
from lettershop.model.errors import Unavailable
from lettershop.model.facts import EventFact

NOON = parse_instant("2026-03-02T12:00Z")


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    port = server.get_host_and_port()[1]
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3").create_bucket(Bucket="acme")
    s3fs.S3FileSystem.clear_instance_cache()
    yield f"s3://acme/{tmp_path.name}"
    s3fs.S3FileSystem.clear_instance_cache()
    server.stop()


def visit(n: int) -> EventFact:
    return EventFact(
        name="Page Viewed",
        contact=f"user:{n % 3}",
        ts=NOON + n,
        received_at=NOON + n,
        message_id=f"m{n}",
    )


def test_there_and_back(store: Store, bucket: str, tmp_path: Path) -> None:
    lake = Lake(bucket)
    load(store, [visit(n) for n in range(20)])
    export(store, lake, NOON)
    load(store, [visit(20)])
    made = export(store, lake, NOON + 1)
    assert export(store, lake, NOON + 2) == made == snapshots.newest(Lake(bucket))
    assert lake.folder is None and lake.url("current.json") == f"{bucket}/current.json"
    take(lake, made, tmp_path / "again.duckdb", store.settings)
    with Store.open(tmp_path / "again.duckdb", settings=store.settings) as taken:
        query = "SELECT seq, contact, message_id FROM event_page_viewed ORDER BY seq"
        assert taken.con.execute(query).fetchall() == store.con.execute(query).fetchall()


def test_one_writer_and_no_leftovers(store: Store, bucket: str) -> None:
    lake = Lake(bucket)
    for n in range(3):
        load(store, [visit(n)])
        made = export(store, lake, NOON + n)
    with pytest.raises(Unavailable, match=r"lake\.overtaken"):
        snapshots.commit(lake, made)
    assert snapshots.vacuum(lake, NOON + 2 * HOUR, kept=1) > 0
    assert set(lake.list("data")) == set(snapshots.parts(made))
    lake.write(snapshots.part_path("contacts", "range=0", 1, "dead"), b"left")
    assert snapshots.sweep(lake) == 1
