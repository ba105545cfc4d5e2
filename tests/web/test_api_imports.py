"""Uploads: imported in the background, all or nothing, and never forgotten by a restart."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from opened_shop import Shop

from lettershop.access.principal import Role
from lettershop.app import imports as jobs
from lettershop.app.imports import Imports
from lettershop.ingest.report import Progress

API = "/api/v1"
ROWS = [f"c{n}@b.example,C{n},{n}" for n in range(20)]
MAPPING = '[contact]\nemail = "email"\n[contact.traits]\nname = "name"\nscore = "score"\n'


def csv_file(rows: Sequence[str] = ROWS, name: str = "people.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, "\n".join(["email,name,score", *rows]).encode())


def upload(shop: Shop, status: int = 202, role: Role = "editor", **parts: Any) -> Any:
    parts.setdefault("file", csv_file())
    found = shop.client(role).post(f"{API}/imports", parts)
    assert found.status_code == status, found.content
    return found.json()


def get(shop: Shop, path: str, status: int = 200) -> Any:
    found = shop.client("viewer").get(API + path)
    assert found.status_code == status, found.content
    return found.json()


def counted(shop: Shop, text: str) -> int:
    with shop.engine.read() as workspace:
        return workspace.count(text).size


def test_a_file_waits_is_imported_and_reported(shop: Shop) -> None:
    job = upload(shop, mapping=MAPPING)
    assert (job["state"], job["name"], job["by"]) == ("waiting", "people.csv", "editor@example.com")
    assert shop.running.imports.step() is True
    assert shop.running.imports.step() is False
    done = get(shop, f"/imports/{job['id']}")
    assert (done["state"], done["report"]["rows"], done["refused"]) == ("done", 20, False)
    assert counted(shop, "score >= 10") == 10
    assert [one["id"] for one in get(shop, "/imports")["items"]] == [job["id"]]
    left = [f.name for f in (shop.path / "data/uploads" / job["id"]).iterdir()]
    assert sorted(left) == ["job.json", "order.json"], "the upload itself is gone"
    with shop.engine.read() as workspace:
        noted = workspace.store.con.execute("SELECT path, rows FROM imports").fetchall()
    assert noted == [("people.csv", 20)]


def test_refused_rows_can_be_fetched(shop: Shop) -> None:
    job = upload(shop, file=csv_file([*ROWS, "nobody,N,1"]), mapping=MAPPING)
    shop.running.imports.step()
    done = get(shop, f"/imports/{job['id']}")
    assert done["report"]["refused"] == {"email.invalid": 1} and done["refused"] is True
    found = shop.client("viewer").get(f"{API}/imports/{job['id']}/refused")
    text = b"".join(found.streaming_content).decode()
    assert text.splitlines()[0] == "line,code,reason,row" and "nobody,N,1" in text


def test_a_file_of_refused_rows_stores_nothing_and_says_where_to_look(shop: Shop) -> None:
    job = upload(shop, file=csv_file(["nobody,N,1"] * 20), mapping=MAPPING)
    shop.running.imports.step()
    failed = get(shop, f"/imports/{job['id']}")
    error = failed["error"]
    assert (failed["state"], error["code"], error["where"]) == (
        "failed", "import.mostly_refused", "people.csv",
    )  # fmt: skip
    assert f"/api/v1/imports/{job['id']}/refused" in error["hint"]
    assert str(shop.path) not in msgspec.json.encode(failed).decode(), "no path of the server"
    again = upload(shop, file=csv_file(["nobody,N,1"] * 20), mapping=MAPPING, allow_refused="true")
    shop.running.imports.step()
    assert get(shop, f"/imports/{again['id']}")["state"] == "done"


def test_the_mapping_may_lie_in_sources_or_be_guessed(shop: Shop) -> None:
    (shop.path / "sources/people.toml").write_text(MAPPING.replace("score =", "points ="), "utf-8")
    upload(shop)
    upload(shop, file=csv_file(name="others.csv"))
    while shop.running.imports.step():
        pass
    assert [job.state for job in shop.running.imports.jobs()] == ["done", "done"]
    assert counted(shop, "points >= 10") == 10 == counted(shop, "score >= 10")


def test_the_same_file_twice_is_known(shop: Shop) -> None:
    for _ in range(2):
        upload(shop, mapping=MAPPING)
        shop.running.imports.step()
    assert [job.report.repeated for job in shop.running.imports.jobs() if job.report] == [
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"mapping": '[contact]\nemial = "x"'}, "mapping.invalid"),
        ({"file": csv_file([], "p.csv")}, "file.no_rows"),
        ({"file": "a text"}, "request.multipart"),
        ({"again": "perhaps", "mapping": MAPPING}, "request.multipart"),
        ({"file": SimpleUploadedFile("x.csv", b"PK\x03\x04 zip")}, "file.binary"),
    ],
)
def test_mistakes_are_said_at_once(shop: Shop, parts: dict[str, Any], code: str) -> None:
    if isinstance(parts.get("file"), SimpleUploadedFile):
        parts["file"].seek(0)
    said = upload(shop, 400, **parts)
    assert said["code"] == code and str(shop.path) not in str(said)
    assert shop.running.imports.jobs() == []
    assert list((shop.path / "data").glob("uploads/*")) == [], "nothing is left behind"


def test_a_mapping_cannot_read_the_servers_disk(shop: Shop) -> None:
    secret = shop.path / "data/secret.csv"
    secret.write_text("key,value\n1,top secret\n", "utf-8")
    for file in (str(secret), "../data/secret.csv", "/etc/passwd"):
        lookup = (
            f'{{ column = "score", lookup = {{ file = "{file}", match = "key", take = "value" }} }}'
        )
        said = upload(shop, 400, mapping=MAPPING + f"secret = {lookup}\n")
        assert said["code"] == "mapping.lookup_outside"
    mapping_json = b'{"contacts": [{"email": {"column": "email"}}]}'
    job = upload(
        shop, mapping=MAPPING, mapping_json=mapping_json, name="/elsewhere/x", refused_as="/y"
    )
    assert job["name"] == "people.csv", "only commands on this machine may say such things"


def test_viewers_look_and_do_not_import(shop: Shop) -> None:
    assert upload(shop, 403, role="viewer")["code"] == "access.role"


def test_names_of_files_lead_nowhere(shop: Shop) -> None:
    for name in ("../../evil.csv", "..", "a\\b\\c.csv", "x" * 300 + ".csv", ".hidden", "ü ö.csv"):
        with shop.running.imports.receive(name) as upload:
            assert upload.path.resolve().is_relative_to(upload.folder.resolve())
            upload.write([b"x"])


@pytest.mark.parametrize("id", ["x", "../people", "0" * 14 + "-" + "0" * 8])
def test_unknown_imports(shop: Shop, id: str) -> None:
    assert get(shop, f"/imports/{id}", 404)["code"] in ("import.unknown", "request.unknown")


def test_too_large_and_too_little_room(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_BYTES", 100)
    assert upload(shop, 413, mapping=MAPPING)["code"] == "request.too_large"
    monkeypatch.undo()
    settings = shop.engine.workspace.settings
    shop.engine.workspace.settings = msgspec.structs.replace(settings, least_free="900TB")
    assert upload(shop, 503, mapping=MAPPING)["code"] == "import.disk_full"
    assert list((shop.path / "data/uploads").iterdir()) == []


def test_a_restart_continues_what_waits_and_marks_what_was_under_way(shop: Shop) -> None:
    first = upload(shop, mapping=MAPPING)["id"]
    second = upload(shop, file=csv_file(name="later.csv"), mapping=MAPPING)["id"]
    path = shop.path / "data/uploads" / first / "job.json"
    path.write_bytes(path.read_bytes().replace(b'"waiting"', b'"running"'))  # as after kill -9
    (shop.path / "data/uploads" / "00000000000001-deadbeef").mkdir()  # killed while receiving
    restarted = Imports(shop.engine, shop.clock)
    found = {job.id: job for job in restarted.jobs()}
    assert set(found) == {first, second}
    error = found[first].error
    assert found[first].state == "interrupted" and error is not None
    assert (error.code, error.hint) == ("import.interrupted", "run it again")
    assert not (path.parent / "body").exists()
    assert restarted.step() and restarted.job(second).state == "done"
    assert not restarted.step()


def test_a_stopping_server_ends_an_import_at_once(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload(shop, mapping=MAPPING)["id"]
    imports = shop.running.imports
    tell = imports._tell

    def stop_when_loading(id: str, progress: Progress) -> None:
        if progress.phase == "loading":
            imports.interrupt()
        tell(id, progress)

    monkeypatch.setattr(imports, "_tell", stop_when_loading)
    imports.step()
    assert imports.job(job).state == "interrupted"
    with shop.engine.read() as workspace:
        assert workspace.store.con.execute("SELECT count(*) FROM contacts").fetchone() == (0,)


def test_rates_are_replaced(shop: Shop) -> None:
    def put(text: str, status: int) -> Any:
        parts = {"file": SimpleUploadedFile("rates.csv", text.encode())}
        found = shop.client("editor").post(f"{API}/rates", parts)
        assert found.status_code == status, found.content
        return found.json()

    assert put("day,source,target,rate\n2020-01-01,USD,EUR,0.9\n", 200) == {"rates": 1}
    bad = put("day,source,target,rate\n2020-01-01,USD,EUR,nine\n", 400)
    assert (bad["code"], bad["where"]) == ("rates.row", "rates.csv:2")
    assert get(shop, "/catalog")["rates"] == [["USD", "EUR"]]


def test_uploads_are_kept_for_rebuild(shop: Shop) -> None:
    upload(shop, mapping=MAPPING)
    shop.running.imports.step()
    assert [p.name for p in Path(shop.path / "data/kept").rglob("kept.json")] == ["kept.json"]
