"""What a letter can use: the page and the editor's completion say the same."""

import json

from opened_shop import Shop
from pages.content.content_shop import text

from lettershop.content.liquid.environment import Liquid, environment
from lettershop.content.liquid.words import vocabulary


def test_every_filter_and_tag_is_told() -> None:
    known = environment("", autoescape=False)
    assert {*vocabulary().filter} == {*known.filters}
    inner = {"#", "content", "illegal", "output"}  # of the parser, nobody writes them
    assert {*vocabulary().tag} - {"raw"} == {*known.tags} - inner


def test_every_example_makes_what_it_says() -> None:
    lax = Liquid(strict=False)
    for name, word in vocabulary().filter.items():
        made = lax.from_string(word.example).render(deals=[])
        assert made.replace("\N{NARROW NO-BREAK SPACE}", " ") == word.makes, name


def test_the_editor_is_told_what_there_is(shop: Shop) -> None:
    answer = shop.client("editor").get("/content/news/spring/-/known")
    found = json.loads(answer.content)
    names = {one["name"]: one for one in found["variables"]["contact"]}
    assert names["contact.first_name"]["type"] == "text"
    assert "deals[].name" in {one["name"] for one in found["variables"]["deals"]}
    assert "mj-section" in found["elements"] and "everybody" in found["segments"]
    assert "upcase" in found["filters"] and "block" in found["tags"]
    assert shop.client("viewer").get("/content/none/-/known").status_code == 404


def test_a_template_that_cannot_be_read_still_completes(shop: Shop) -> None:
    (shop.path / "content" / "bad.html").write_text("no front matter", "utf-8")
    found = json.loads(shop.client("editor").get("/content/bad/-/known").content)
    assert "contact.first_name" in {one["name"] for one in found["variables"]["contact"]}


def test_the_page_shows_and_finds(shop: Shop) -> None:
    client = shop.client("viewer")
    page = client.get("/content/-/reference")
    assert "contact.first_name" in text(page) and "deals[].name" not in text(page)
    assert b"<script>alert" not in page.content
    assert "deals[].name" in text(client.get("/content/-/reference?template=news/spring"))
    found = text(client.get("/content/-/reference?q=upcase"))
    assert "in large letters" in found and "contact.first_name" not in found
    for odd in ("\0", "x" * 5000, "'\"><img src=x>"):
        page = client.get("/content/-/reference", {"q": odd, "template": odd})
        assert page.status_code == 200 and b"<img src=x" not in page.content
