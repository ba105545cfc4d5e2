"""Campaigns over the API, as a program of a marketing department uses them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from campaign_story import CAMPAIGN, Story, minded, open_story
from django.test import Client

from lettershop.access.models import AuditEntry
from lettershop.access.principal import Role
from lettershop.web.api import PREFIX

SAID = {"title": "Spring", "content": "hello", "include": ["all"], "purpose": "newsletter"}


class Program:
    """Something with a token of a role; `ask` expects a status."""

    def __init__(self, story: Story, role: Role, name: str = "") -> None:
        self.client, self.headers = Client(), story.shop.bearer(role, name or f"a {role}")

    def ask(self, method: str, path: str, body: object = None, status: int = 200) -> Any:
        text = b"" if body is None else json.dumps(body).encode()
        answer = self.client.generic(
            method,
            f"{PREFIX}/campaigns{path}",
            text,
            content_type="application/json",
            headers=self.headers,
        )
        assert answer.status_code == status, answer.content[:800]
        return answer.json()


@pytest.fixture
def story(tmp_path: Path, empty_records: Path) -> Iterator[Story]:
    with open_story(tmp_path / "shop", empty_records) as opened:
        yield opened


def test_from_json_to_done(story: Story) -> None:
    editor, owner = Program(story, "editor"), Program(story, "owner")
    viewer = Program(story, "viewer")
    said = SAID | {"holdout": 10.5, "at": "2026-03-02 12:00", "hold_minutes": 10}
    found = editor.ask("PUT", "/spring/offers", {"definition": said})
    assert (found["name"], found["state"], found["author"]) == (
        "spring/offers",
        "draft",
        "a editor",
    )
    assert found["definition"]["holdout"] == 10.5
    assert viewer.ask("GET", "/spring%2Foffers/audience")["rows"] == {"": 18, "holdout": 2}
    begun = editor.ask("POST", "/spring%2Foffers/check", status=202)
    assert begun["checking"] is True
    while editor.ask("GET", "/spring%2Foffers")["checking"]:
        pass
    found = owner.ask("POST", "/spring%2Foffers/approve")
    assert (found["state"], found["approver"], found["start_at"]) == (
        "approved",
        "a owner",
        "2026-03-02T12:00Z",
    )
    assert editor.ask("POST", "/spring%2Foffers/start")["start_at"] == "2026-03-02T09:00Z"
    stage = ""
    while stage != "holding":
        story.campaigns.step()
        stage = viewer.ask("GET", "/spring%2Foffers")["stage"]
    found = editor.ask("POST", "/spring%2Foffers/undo", {"reason": "not yet"})
    assert (found["state"], found["attempt"]) == ("draft", 2)
    found = editor.ask("POST", "/spring%2Foffers/abort", {"reason": "never"})
    assert (found["state"], found["reason"]) == ("aborted", "never")
    (listed,) = viewer.ask("GET", "?limit=5")["items"]
    assert (listed["name"], listed["state"], listed["moves"]) == ("spring/offers", "aborted", [])
    names = [one.what for one in AuditEntry.objects.filter(kind="token").order_by("id")]
    expected = ["draft", "ask", "approve", "hurry", "undo", "abort"]
    assert [name for name in names if name.startswith("campaign.")] == [
        f"campaign.{name}" for name in expected
    ]


def test_a_running_one_is_paused_and_its_canary_released(story: Story) -> None:
    editor = Program(story, "editor")
    story.sending("canary = { percent = 30 }\n")
    sent = story.post()
    found = editor.ask("POST", "/spring/pause", {"reason": "wrong price"})
    assert (found["state"], found["reason"]) == ("paused", "wrong price")
    assert editor.ask("POST", "/spring/go", status=422)["code"] == "campaign.no_canary"
    assert editor.ask("POST", "/spring/resume")["state"] == "sending"
    assert editor.ask("POST", "/spring/go")["stage"] == "all"
    assert editor.ask("GET", "/spring")["figures"]["accepted"] == sent
    assert editor.ask("POST", "/spring/undo", status=422)["code"] == "campaign.state"


def test_warnings_are_accepted_with_a_reason(story: Story) -> None:
    editor = Program(story, "editor")
    story.crew.checks = (minded("MSG-10", "warn", "k1"),)
    assert story.checked().state == "draft"
    assert editor.ask("GET", "/spring")["blocking"] == ["MSG-10"]
    body = {"key": "k1", "reason": ""}
    assert editor.ask("POST", "/spring/accept", body, 400)["code"] == "campaign.reason"
    body = {"key": "k1", "reason": "meant so"}
    found = editor.ask("POST", "/spring/accept", body)
    assert (found["state"], found["blocking"]) == ("checked", [])
    assert found["preflight"]["accepted"] == {"k1": "meant so (a editor)"}


def test_mistakes_are_told_all_at_once_with_their_place(story: Story) -> None:
    editor = Program(story, "editor")
    text = CAMPAIGN + 'exclude = ["nobody"]\nholdout = 99\n'
    said = {"text": text, "source": "campaigns/spring.toml"}
    problem = editor.ask("PUT", "/spring", said, 422)
    places = [(one["code"], one["span"]["line"]) for one in problem["findings"]]
    assert places == [("toml.range", 6)]  # what it means is asked of what can be read
    problem = editor.ask("PUT", "/spring", {"text": text.replace("99", "9")}, 422)
    assert [one["code"] for one in problem["findings"]] == ["campaign.segment"]
    assert editor.ask("PUT", "/spring", {"text": "a", "definition": {"a": 1}}, 400)["code"] == (
        "campaign.twice"
    )
    assert editor.ask("PUT", "/spring", {"definition": {}}, 422)["findings"]
    assert editor.ask("PUT", "/spring", {"colour": "red"}, 400)["code"] == "request.shape"
    assert editor.ask("PUT", "/%00", {"definition": SAID}, 422)["code"] == "campaign.name"
    assert editor.ask("GET", "/%00", status=404)["code"] == "campaign.unknown"
    assert editor.ask("GET", "", status=200) == {"items": []}


ALLOWED: dict[str, Role] = {
    "GET ": "viewer",
    "GET /spring": "viewer",
    "GET /spring/audience": "viewer",
    "PUT /spring": "editor",
    "POST /spring/check": "editor",
    "POST /spring/accept": "editor",
    "POST /spring/approve": "editor",
    "POST /spring/start": "editor",
    "POST /spring/undo": "editor",
    "POST /spring/go": "editor",
    "POST /spring/pause": "editor",
    "POST /spring/resume": "editor",
    "POST /spring/abort": "editor",
}


def test_who_may_do_what(story: Story) -> None:
    story.draft()
    headers = {role: story.shop.bearer(role) for role in ("viewer", "editor")}
    for key, needed in ALLOWED.items():
        method, path = key.split(" ")
        url = f"{PREFIX}/campaigns{path}"
        assert Client().generic(method, url).status_code == 401
        if needed == "editor":
            answer = Client().generic(method, url, headers=headers["viewer"])
            assert (answer.status_code, answer.json()["code"]) == (403, "access.role"), key
        else:
            assert Client().generic(method, url, headers=headers["viewer"]).status_code == 200
    assert story.show().moves[0].by == "ann" and len(story.show().moves) == 1


def test_the_author_is_a_person_not_a_role(story: Story) -> None:
    story.setting(second_approval=True)
    ann, bea = Program(story, "owner", "ann"), Program(story, "editor", "bea")
    story.checked()
    assert ann.ask("POST", "/spring/approve", status=403)["code"] == "campaign.second_approval"
    assert bea.ask("POST", "/spring/approve")["approver"] == "bea"
