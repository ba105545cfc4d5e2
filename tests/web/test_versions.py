"""Publishing over the API: plans, versions, pins and proofs, for programs."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from opened_shop import Shop, open_shop

from lettershop.access.models import AuditEntry
from lettershop.access.principal import Role
from lettershop.engines.duckdb.rows import load
from lettershop.model.facts import ContactFact
from lettershop.web.api import PREFIX

HOT = {"hot.toml": "where = 'score >= 7'"}
LEVEL = {
    "level.toml": """
[[partition]]
name = "level"
catch_all = "rest"
[[partition.segment]]
name = "low"
where = "score < 3"
"""
}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, empty_records: Path) -> Path:
    """Ten people with scores 0 to 9."""
    folder = tmp_path_factory.mktemp("filled") / "shop"
    with open_shop(folder, empty_records) as opened, opened.engine.write() as workspace:
        load(workspace.store, [person(n) for n in range(10)])
    return folder


def person(n: int) -> ContactFact:
    return ContactFact(
        ts=1_000, received_at=1_000, message_id=f"c{n}", contact=f"user:U{n}", traits={"score": n}
    )


@pytest.fixture
def shop(tmp_path: Path, filled: Path) -> Iterator[Shop]:
    with open_shop(shutil.copytree(filled, tmp_path / "shop")) as opened:
        yield opened


class Program:
    """Something with a token of a role."""

    def __init__(self, shop: Shop, role: Role) -> None:
        self.client, self.headers = Client(), shop.bearer(role, f"a {role}")

    def ask(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        text = b"" if body is None else json.dumps(body).encode()
        answer = self.client.generic(
            method, PREFIX + path, text, content_type="application/json", headers=self.headers
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    def apply(self, files: dict[str, str], **said: object) -> Any:
        return self.ask("POST", "/definitions/apply", {"files": files} | said)


@pytest.fixture
def editor(shop: Shop) -> Program:
    return Program(shop, "editor")


@pytest.fixture
def viewer(shop: Shop) -> Program:
    return Program(shop, "viewer")


def test_plan_and_apply(editor: Program, viewer: Program) -> None:
    plan = viewer.ask("POST", "/definitions/plan", {"files": HOT, "sample": 1})
    (change,) = plan["changes"]
    assert (change["kind"], change["after"], plan["revision"]) == ("new", 3, 0)
    assert [mover["who"] for mover in change["enters"]] == ["user:U7"]
    viewer.ask("POST", "/definitions/apply", {"files": HOT}, 403)
    done = editor.apply(HOT, revision=0, note="from a build")
    assert (done["versions"], done["revision"]) == ({"hot": 1}, 1)
    problem = editor.ask("POST", "/definitions/apply", {"files": HOT, "revision": 0}, 409)
    assert problem["code"] == "register.changed"
    assert viewer.ask("GET", "/published")["items"][0]["name"] == "hot"
    entry = AuditEntry.objects.get(what="segment.publish")
    assert (entry.who, entry.kind, entry.target) == ("a editor", "token", "hot")


def test_a_plan_of_an_earlier_moment(viewer: Program) -> None:
    body = {"files": HOT, "as_of": "1970-01-01T00:00Z"}
    (change,) = viewer.ask("POST", "/definitions/plan", body)["changes"]
    assert change["universe"] == 0


def test_mistakes_in_files_come_with_their_place(viewer: Program) -> None:
    wrong = {"a/wrong.toml": "where = 'scroe > 1'"}
    problem = viewer.ask("POST", "/definitions/plan", {"files": wrong}, 422)
    (finding,) = problem["findings"]
    assert (finding["source"], finding["span"]["line"]) == ("segments/a/wrong.toml", 1)
    for path in ("../x.toml", "/etc/x.toml", "x.csv", ""):
        answer = viewer.ask("POST", "/definitions/plan", {"files": {path: ""}}, 400)
        assert answer["code"] == "definition.path"


def test_a_draft_is_compared_published_and_listed(editor: Program, viewer: Program) -> None:
    editor.apply(HOT)
    draft = editor.ask("POST", "/segments/hot/versions", {"text": "score >= 3", "note": "n"}, 201)
    assert (draft["number"], draft["state"], draft["author"]) == (2, "draft", "a editor")
    diff = viewer.ask("GET", "/segments/hot/versions/2/diff")
    assert diff["guarded"] == ["hot"] and diff["changes"][0]["after"] == 7
    path = "/segments/hot/versions/2/publish"
    assert editor.ask("POST", path, {}, 422)["code"] == "segment.size_guard"
    viewer.ask("POST", path, {"allow_size": ["hot"]}, 403)
    assert editor.ask("POST", path, {"allow_size": ["hot"]})["versions"] == {"hot": 2}
    states = [v["state"] for v in viewer.ask("GET", "/segments/hot/versions")["items"]]
    assert states == ["published", "retired"]
    editor.ask("POST", "/segments/hot/versions", {"text": "score >= 1"}, 201)
    viewer.ask("DELETE", "/segments/hot/versions/3", status=403)
    assert editor.ask("DELETE", "/segments/hot/versions/3")["number"] == 3
    assert (
        editor.ask("DELETE", "/segments/hot/versions/2", status=422)["code"] == "version.not_draft"
    )


def test_removing_a_segment(editor: Program, viewer: Program) -> None:
    editor.apply(HOT | {"cold.toml": "where = 'not in segment \"hot\"'"})
    viewer.ask("DELETE", "/segments/hot", status=403)
    assert editor.ask("DELETE", "/segments/hot", status=422)["code"] == "segment.referenced"
    assert editor.ask("DELETE", "/segments/cold")["removed"] == ["cold"]
    assert editor.ask("DELETE", "/segments/cold", status=404)["code"] == "segment.unknown"


def test_pins(editor: Program, viewer: Program, shop: Shop) -> None:
    editor.apply(HOT)
    new = {"who": "U1", "reason": "a friend", "expires": "2026-04-01T00:00Z"}
    viewer.ask("POST", "/segments/hot/pins", new, 403)
    pin = editor.ask("POST", "/segments/hot/pins", new, 201)
    assert (pin["who"], pin["author"], pin["include"]) == ("user:U1", "a editor", True)
    assert viewer.ask("GET", "/pins")["items"] == [pin]
    assert viewer.ask("GET", "/segments/hot/pins")["items"] == [pin]
    shop.clock.advance(40 * 86_400_000)
    assert viewer.ask("GET", "/pins")["items"] == [], "it has ended by itself"
    assert viewer.ask("GET", "/pins?ended=true")["items"] == [pin]
    assert editor.ask("DELETE", f"/pins/{pin['id']}", status=404)["code"] == "pin.unknown"
    for wrong, code in (
        ({"who": "U1", "reason": ""}, "request.shape"),
        ({"who": "U1", "reason": " "}, "pin.reason"),
        ({"who": "nobody", "reason": "x"}, "contact.unknown"),
        ({"who": "U1", "reason": "x", "expires": "soon"}, "time.unreadable"),
        ({"who": "U1", "reason": "a\0b"}, "text.unwritable"),
    ):
        status = 404 if code == "contact.unknown" else 400 if code == "request.shape" else 422
        assert editor.ask("POST", "/segments/hot/pins", wrong, status)["code"] == code


def test_the_proof_of_a_partition(editor: Program, viewer: Program) -> None:
    editor.apply(LEVEL)
    answer = viewer.ask("GET", "/partitions/level/proof")
    assert answer["origin"] == "published" and answer["proof"]["holds"]
    assert [s["size"] for s in answer["proof"]["shares"]] == [3, 7]
    early = viewer.ask("GET", "/partitions/low/proof?as_of=1970-01-01T00:00Z")
    assert early["proof"]["universe"] == 0 and early["proof"]["holds"]
    assert viewer.ask("GET", "/partitions/no/proof", status=404)["code"] == "partition.unknown"


@pytest.mark.parametrize("name", ["plan", "apply", "a/b", "50 % off / “ü”?"])
def test_segments_may_be_called_anything(editor: Program, viewer: Program, name: str) -> None:
    editor.apply({"odd.toml": f"name = {json.dumps(name)}\nwhere = 'score > 3'"})
    path = "/segments/" + "".join(f"%{byte:02X}" for byte in name.encode())
    (row,) = viewer.ask("GET", f"{path}/versions")["items"]
    assert row["segment"] == name
    assert editor.ask("DELETE", path)["removed"] == [name]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/segments/hot/versions/0/diff", "version.unknown"),
        ("/segments/hot/versions/99999999999999999999/diff", "request.invalid"),
        ("/segments/hot/versions/x/diff", "request.invalid"),
        ("/segments/hot/versions/1/diff?sample=11", "request.invalid"),
        ("/segments/%00/versions", "segment.unknown"),
        ("/segments/nobody/pins", "segment.unknown"),
        ("/partitions/%00/proof", "partition.unknown"),
    ],
)
def test_odd_questions_have_codes(editor: Program, path: str, code: str) -> None:
    editor.apply(HOT)
    status = 422 if code == "request.invalid" else 404
    assert editor.ask("GET", path, status=status)["code"] == code
