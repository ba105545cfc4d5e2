"""The builder as a browser without scripts has it: edit rows or text, save a draft, publish."""

import re
import shutil
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from opened_shop import Shop, open_shop
from publishing import make_filled

from lettershop.app.plans import DraftText
from lettershop.app.publishing import Publisher
from lettershop.engines.duckdb.rows import load
from lettershop.model.facts import ContactFact

NEW, COUNT, CHOICES = "/segments/new", "/segments/build/count", "/segments/build/choices"
HOT = {"subject": "contact", "mode": "dynamic", "title": "Hot leads"}
NASTY = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, empty_records: Path) -> Path:
    """Ten people with scores 0 to 9, one of them with a title that means harm."""
    folder = tmp_path_factory.mktemp("built")
    with open_shop(folder / "empty", empty_records):
        pass
    shop = make_filled(folder / "shop", folder / "empty")
    traits = {"title": NASTY, "name": NASTY}
    at: dict[str, Any] = {"ts": 2_000, "received_at": 2_000, "message_id": "nasty"}
    with open_shop(shop) as opened, opened.engine.write() as workspace:
        load(workspace.store, [ContactFact(**at, contact="user:U9", traits=traits)])
    return shop


@pytest.fixture
def shop(tmp_path: Path, filled: Path) -> Iterator[Shop]:
    with open_shop(shutil.copytree(filled, tmp_path / "shop")) as opened:
        yield opened


@pytest.fixture
def editor(shop: Shop) -> Client:
    return shop.client("editor")


def form_in(html: str) -> dict[str, str]:
    """What a browser would send of the builder's form."""
    form = html[html.index('id="builder"') : html.index("</form>", html.index('id="builder"'))]
    found = {}
    for tag in re.findall(r"<input\b[^>]*>", form):
        parts = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
        if "name" in parts and (parts.get("type") != "checkbox" or " checked" in tag):
            found[parts["name"]] = unescape(parts.get("value", ""))
    for name, body in re.findall(r'<select\b[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', body)
        found[name] = unescape(chosen[1]) if chosen else ""
    for name, body in re.findall(
        r'<textarea\b[^>]*name="([^"]+)"[^>]*>\n?(.*?)</textarea>', form, re.S
    ):
        found[name] = unescape(body)
    return found


def page(response: Any, status: int = 200) -> str:
    assert response.status_code == status, response.content[:2_000]
    return str(response.content.decode())


def press(client: Client, html: str, do: str, path: str = NEW, **typed: str) -> str:
    """A button of the form, with something typed before."""
    return page(client.post(path, form_in(html) | typed | {"do": do}))


def published(shop: Shop, name: str, text: str) -> None:
    from_shop = Publisher(shop.engine.workspace, shop.principal("editor"))
    row = from_shop.draft(name, said(text))
    from_shop.publish(name, row.number)


def said(text: str) -> Any:
    return DraftText(text=text)


def test_a_segment_is_built_row_by_row(editor: Client) -> None:
    html = page(editor.get(NEW))
    assert form_in(html)["text"] == "everyone"
    html = press(editor, html, "add:r:test")
    assert "1 condition is not finished" in html
    html = press(editor, html, "check", r_0="", **{"r-0__field": "score"})
    form = form_in(html)
    assert (form["r-0__op"], form["r-0__value"]) == (">=", "")
    html = press(editor, html, "check", **{"r-0__value": "7"})
    assert form_in(html)["text"] == "score >= 7"
    assert "Contacts whose score is at least 7." in html
    assert '<span class="figure" id="size">3</span>' in html


def test_rows_follow_the_text_and_comments_stay(editor: Client) -> None:
    html = page(editor.get(NEW))
    html = press(editor, html, "check", text="score > 5 # hot\nor score < 2")
    form = form_in(html)
    assert (form["r__joint"], form["r-0__value"], form["r-1__op"]) == ("any", "5", "<")
    assert press(editor, html, "check").count("# hot") == 2  # in the text, and as it was
    html = press(editor, html, "remove:r-1")
    assert form_in(html)["text"] == "score > 5"


def test_a_text_that_cannot_be_read_leaves_the_rows_and_says_where(editor: Client) -> None:
    html = press(editor, page(editor.get(NEW)), "check", text="score > 5")
    html = press(editor, html, "check", text="score > 5 and (")
    assert "line 1, column 16" in html
    assert form_in(html)["r-0__value"] == "5"
    # A button of the rows has the say over a text that cannot be read.
    assert form_in(press(editor, html, "negate:r-0"))["text"] == "not (score > 5)"
    html = page(editor.post(NEW, form_in(html) | HOT | {"do": "save"}), 400)
    assert "language." in html


def test_findings_stand_at_their_row_and_nothing_is_counted(editor: Client) -> None:
    html = press(editor, page(editor.get(NEW)), "check", text="score > 5 and scoree > 5")
    told = html[html.index('id="r-1__told"') :]
    assert "scoree is not a known field" in told[: told.index("</div>")]
    assert 'id="size"' not in html


def test_an_edit_by_script_gets_the_parts_that_changed(editor: Client) -> None:
    form = form_in(press(editor, page(editor.get(NEW)), "check", text="score > 5"))
    headers = {"HX-Request": "true"}

    def edit(**more: str) -> Any:
        return editor.post(NEW, form | {"do": ""} | more, headers=headers)

    typed = edit(by="rows", only="values", **{"r-0__value": "6"})
    assert typed.headers["HX-Trigger-After-Swap"] == "built"
    html = page(typed)
    assert 'id="rows"' not in html
    assert "score &gt; 6" in html
    assert 'id="r-0__told"' in html
    html = page(edit(by="rows", **{"r-0__field": "title"}))
    assert 'id="rows" hx-swap-oob="true"' in html
    html = page(edit(by="text", text="score < 3"))
    assert 'id="rows" hx-swap-oob="true"' in html
    assert "<textarea" not in html  # somebody is typing there
    html = page(editor.post(COUNT, {"text_was": "score < 3", "subject": "contact"}))
    assert '<span class="figure" id="size">3</span>' in html


def test_type_ahead_knows_fields_values_events_and_segments(shop: Shop, editor: Client) -> None:
    published(shop, "hot", "score >= 7")

    def offered(query: str) -> list[str]:
        html = page(editor.get(f"{CHOICES}?{query}"))
        return re.findall(r'data-value="([^"]*)"', html)

    assert offered("of=field&scope=subject&scope=contact&q=sco") == ["score"]
    assert "account.employees" in offered("of=field&scope=subject&scope=contact")
    assert offered("of=field&scope=number&scope=account") == ["employees"]
    assert offered("of=segment&scope=contact") == ["hot"]
    assert offered("of=segment&scope=account") == []
    assert offered("of=value&scope=contact&field=title") == [
        "&lt;script&gt;alert(1)&lt;/script&gt;"
    ]
    assert offered("of=event") == []
    for odd in ("", "of=value&scope=event:x", "of=value&scope=contact&field=x%00&q=%00", "of=9"):
        assert offered(odd) == []


def test_a_draft_is_compared_published_and_taken_back(shop: Shop, editor: Client) -> None:
    published(shop, "hot", "score >= 7")
    html = page(editor.get("/segments/hot/edit"))
    form = form_in(html) | {"text": "score >= 6", "do": "save", "note": "one more"}
    saved: Any = editor.post("/segments/hot/edit", form)
    assert (saved.status_code, saved.url) == (302, "/segments/hot/draft/2")
    html = page(editor.get(saved.url))
    assert "Publish: 1 enters, 0 leave" in html or "Publish: 1 enter, 0 leave" in html
    assert "<del>− score &gt;= 7</del><ins>+ score &gt;= 6</ins>" in html
    assert "one more" in html
    revision = re.search(r'name="revision" value="(\d+)"', html)
    assert revision is not None
    address = "/segments/hot/draft/2/publish"
    late = editor.post(address, {"revision": "0", "allow": "hot"})
    assert "register.changed" in page(late, 400)
    refused = editor.post(address, {"revision": revision[1]})
    assert "segment.size_guard" in page(refused, 400)
    assert 'name="allow" value="hot"' in html
    done = editor.post(address, {"revision": revision[1], "allow": "hot"}, follow=True)
    assert "in force as version 2: 1 enter, 0 leave" in page(done)
    assert 'action="/segments/hot/draft/1/publish"' in page(done)
    again = editor.post("/segments/hot/draft/1/publish", {"back": "1"}, follow=True)
    assert "in force as version 3" in page(again)
    html = page(editor.get("/segments/hot/versions"))
    assert html.count("Compare and restore") == 2


def test_a_new_segment_is_taken_back_by_withdrawing_it(shop: Shop, editor: Client) -> None:
    saved: Any = editor.post(
        NEW, HOT | {"text": "score >= 7", "text_was": "everyone", "do": "save"}
    )
    assert saved.url == "/segments/hot-leads/draft/1"
    done = editor.post(f"{saved.url}/publish", {}, follow=True)
    assert 'action="/segments/hot-leads/withdraw"' in page(done)
    assert "3 members leave it" in page(editor.get("/segments/hot-leads/withdraw"))
    editor.post("/segments/hot-leads/withdraw")
    assert editor.get("/segments/hot-leads/withdraw").status_code == 404
    taken = editor.post(NEW, HOT | {"name": "hot-leads", "text": "score > 1", "do": "save"})
    assert "segment.exists" in page(taken, 400)


def test_a_discarded_draft_can_be_written_again(editor: Client) -> None:
    saved: Any = editor.post(NEW, HOT | {"text": "score >= 7", "do": "save"})
    done = editor.post(f"{saved.url}/discard")
    assert done.status_code == 302
    html = page(editor.get("/segments/new"))
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    assert (fields["text"], fields["name"]) == ("score &gt;= 7", "hot-leads")


def test_what_is_unfinished_or_nameless_is_no_draft(editor: Client) -> None:
    html = press(editor, page(editor.get(NEW)), "add:r:test")
    form = form_in(html) | {"do": "save"}
    assert "condition.unfinished" in page(editor.post(NEW, form | HOT), 400)
    nameless = {"text": "score > 1", "do": "save"}
    assert "definition.name" in page(editor.post(NEW, nameless), 400)


def test_a_circle_is_told_where_the_count_would_be(shop: Shop, editor: Client) -> None:
    published(shop, "a", "score >= 7")
    published(shop, "b", 'in segment "a"')
    form = form_in(page(editor.get("/segments/a/edit"))) | {"text": 'in segment "b"'}
    html = page(editor.post("/segments/a/edit", form | {"do": "check"}))
    assert "cannot depend on itself: a → b → a" in html
    assert "segment.cycle" in page(editor.post("/segments/a/edit", form | {"do": "save"}), 400)


def test_what_contacts_contain_never_becomes_part_of_the_page(editor: Client) -> None:
    html = press(editor, page(editor.get(NEW)), "check", text="score >= 9 and title is known")
    assert NASTY not in html
    assert "&lt;script&gt;alert(1)" in html
    form = HOT | {"text": 'title contains "<b>"', "title": NASTY, "name": "x", "do": "save"}
    saved: Any = editor.post(NEW, form)
    assert NASTY not in page(editor.get(saved.url))


def test_viewers_read_versions_and_change_nothing(shop: Shop) -> None:
    published(shop, "hot", "score >= 7")
    viewer = shop.client("viewer")
    assert "/publish" not in page(viewer.get("/segments/hot/draft/1"))
    assert viewer.get("/segments/hot/edit").status_code == 403
    assert viewer.post(NEW, {"text": "everyone", "do": "save"}).status_code == 403


ABSENT = (
    "/segments/no/edit",
    "/segments/no/versions",
    "/segments/no/draft/1",
    "/segments/no/withdraw",
    "/segments/hot/draft/99999999999999999999",
    "/segments/hot/edit?version=x",
    "/segments/%00/edit",
)


@pytest.mark.parametrize("path", ABSENT)
def test_what_is_not_there_is_not_found(shop: Shop, editor: Client, path: str) -> None:
    published(shop, "hot", "score >= 7")
    assert editor.get(path).status_code == 404


@pytest.mark.parametrize(
    "text", ["\0", "(" * 500, "x" * 150_000, '"\ud83d', "score > " + "9" * 500]
)
def test_hostile_texts_are_findings(editor: Client, text: str) -> None:
    clean = text.encode("utf-8", "replace").decode()
    response = editor.post(NEW, {"text": clean, "do": "check", "r__joint": "any", "r-0__kind": "x"})
    assert "level" in page(response) or "badge" in page(response)
    assert editor.post(COUNT, {"text_was": clean}).status_code == 200
