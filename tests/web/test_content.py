"""Templates over the API, for programs: planned and applied with segments, listed, read."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from opened_shop import Shop, open_shop

from lettershop.access.principal import Role
from lettershop.web.api import PREFIX

LETTER = {"spring/offer.html": "+++\nsubject = 'Spring'\n+++\n<p>Hi</p>\n"}
HOT = {"hot.toml": "where = 'everyone'"}


class Program:
    """Something with a token of a role."""

    def __init__(self, shop: Shop, role: Role) -> None:
        self.client, self.headers = Client(), shop.bearer(role, f"a {role}")

    def ask(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        text = b"" if body is None else json.dumps(body).encode()
        answer = self.client.generic(
            method, PREFIX + path, text, content_type="application/json", headers=self.headers
        )
        assert answer.status_code == status, answer.content[:500]
        return answer.json()

    def apply(self, files: dict[str, str], **said: object) -> Any:
        return self.ask("POST", "/definitions/apply", {"files": files} | said)


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "shop", empty_records) as opened:
        yield opened


def test_templates_go_with_the_segments(shop: Shop) -> None:
    editor, viewer = Program(shop, "editor"), Program(shop, "viewer")
    body = {"files": HOT, "content": LETTER}
    plan = viewer.ask("POST", "/definitions/plan", body)
    assert [one["name"] for one in plan["templates"]] == ["spring/offer"]
    viewer.ask("POST", "/definitions/apply", body, 403)
    said = {"content": LETTER, "fingerprint": plan["fingerprint"], "note": "from a build"}
    assert editor.apply(HOT, **said)["templates"] == {"spring/offer": 1}
    (listed,) = viewer.ask("GET", "/content")["items"]
    assert (listed["name"], listed["version"], listed["subject"]) == ("spring/offer", 1, "Spring")
    (version,) = viewer.ask("GET", "/content/spring/offer/versions")["items"]
    assert (version["state"], version["note"]) == ("published", "from a build")
    assert "files" not in version
    assert viewer.ask("GET", "/content/spring/offer/versions/1")["files"] == LETTER
    assert viewer.ask("GET", "/content/none/versions", status=404)["code"] == "template.unknown"
    late = {"files": HOT, "content": {}, "prune": True, "fingerprint": plan["fingerprint"]}
    assert editor.ask("POST", "/definitions/apply", late, 409)["code"] == "register.changed"


def test_clients_that_know_of_no_templates_leave_them_alone(shop: Shop) -> None:
    editor = Program(shop, "editor")
    editor.apply(HOT, content=LETTER)
    assert editor.apply(HOT, prune=True)["templates_removed"] == []
    assert editor.apply(HOT, content={}, prune=True)["templates_removed"] == ["spring/offer"]


def test_mistakes_come_with_their_place(shop: Shop) -> None:
    viewer = Program(shop, "viewer")
    wrong = {"a.html": "+++\nsbject = 'x'\nsubject = 'x'\n+++\n<p>Hi</p>"}
    problem = viewer.ask("POST", "/definitions/plan", {"files": {}, "content": wrong}, 422)
    (finding,) = problem["findings"]
    assert (finding["source"], finding["span"]["line"]) == ("content/a.html", 2)
    problem = viewer.ask("POST", "/definitions/plan", {"files": {}, "content": {"../a": ""}}, 400)
    assert problem["code"] == "template.path"


def test_a_folder_of_several_megabytes_is_taken(shop: Shop) -> None:
    large = {f"l{n}.html": f"+++\nsubject = 'x'\n+++\n<p>{'x' * 290_000}</p>" for n in range(10)}
    plan = Program(shop, "viewer").ask("POST", "/definitions/plan", {"files": {}, "content": large})
    assert len(plan["templates"]) == 10
