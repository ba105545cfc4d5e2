"""Consent and suppression over the API, as a form on a website and a help desk use it."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from consent_desk import CONSENT
from django.test import Client
from opened_shop import Shop, open_shop

from lettershop.access.principal import Role
from lettershop.web.api import PREFIX

ANN = "ann@example.com"


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


@pytest.fixture
def shop(tmp_path: Path, empty_records: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "shop", empty_records) as opened:
        (opened.path / "consent.toml").write_text(CONSENT, "utf-8")
        yield opened


def test_a_form_with_double_opt_in(shop: Shop) -> None:
    form, viewer = Program(shop, "editor"), Program(shop, "viewer")
    question = {"questions": [{"address": ANN, "purpose": "newsletter", "country": "DE"}]}
    wish = {"address": ANN, "purpose": "newsletter", "source": "footer", "proof": {"ip": "::1"}}
    token = form.ask("POST", "/consents/request", wish)["token"]
    assert viewer.ask("POST", "/may-send", question)["items"][0]["allowed"] is False
    done = form.ask("POST", "/consents/confirm", {"token": token})
    assert (done["address"], done["new"]) == (ANN, True)
    assert viewer.ask("POST", "/may-send", question)["items"] == [
        {"allowed": True, "reasons": [], "until": None}
    ]
    said = viewer.ask("GET", f"/consents?address={ANN}")["items"]
    assert [(one["state"], one["method"]) for one in said] == [
        ("requested", "double"),
        ("given", "double"),
    ]
    left = form.ask("POST", "/unsubscribes", {"address": ANN, "scope": "stream:marketing"})
    assert left["withdrawn"] == ["newsletter", "offers"]
    assert viewer.ask("POST", "/may-send", question)["items"][0]["allowed"] is False
    assert form.ask("POST", "/consents/confirm", {"token": token}, 400)["code"] == (
        "consent.token_overtaken"
    )
    form.ask("POST", "/unsubscribes", {"address": ANN, "objection": True})


def test_a_help_desk_suppresses_and_an_owner_undoes(shop: Shop) -> None:
    editor, owner = Program(shop, "editor"), Program(shop, "owner")
    for n in range(3):
        body = {"address": f"p{n}@example.com", "reason": "complaint", "note": "called"}
        assert editor.ask("POST", "/suppressions", body)["new"] is True
    page = editor.ask("GET", "/suppressions?limit=2")
    assert [one["address"] for one in page["items"]] == ["p2@example.com", "p1@example.com"]
    rest = editor.ask("GET", f"/suppressions?limit=2&cursor={page['next']}")
    assert [one["address"] for one in rest["items"]] == ["p0@example.com"]
    number = rest["items"][0]["id"]
    lift = f"/suppressions/{number}/lift"
    assert editor.ask("POST", lift, {"why": "x"}, 422)["code"] == "suppression.forced"
    editor.ask("POST", lift, {"why": "x", "force": True}, 403)
    assert owner.ask("POST", lift, {"why": "she asked", "force": True})["lifted_why"] == "she asked"
    assert editor.ask("GET", "/suppressions?q=p0")["items"] == []
    assert len(editor.ask("GET", "/suppressions?q=p0&all=true")["items"]) == 1
    wrong = {"address": "nobody at all"}
    assert editor.ask("POST", "/suppressions", wrong, 400)["code"] == "address.unreadable"


def test_rights_are_for_owners(shop: Shop) -> None:
    editor, owner = Program(shop, "editor"), Program(shop, "owner")
    editor.ask("POST", "/contacts", {"user_id": "U1", "email": ANN, "traits": {"city": "Bonn"}})
    editor.ask("GET", "/persons/U1", status=403)
    editor.ask("POST", "/persons/U1/erase", {}, 403)
    held = owner.ask("GET", f"/persons/{ANN}")
    assert held["facts"]["contact"]["traits"]["city"]["value"] == "Bonn"
    done = owner.ask("POST", "/persons/U1/erase", {})
    assert len(done["hashes"]) == 1 and len(done["remains"]) > 4
    question = {"questions": [{"address": ANN, "stream": "transactional"}]}
    reasons = editor.ask("POST", "/may-send", question)["items"][0]["reasons"]
    assert [one["code"] for one in reasons] == ["suppressed.erased"]
    assert editor.ask("GET", "/contacts")["items"] == []
