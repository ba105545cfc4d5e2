"""Pulls and the watched folder, as pages show them."""

from opened_shop import Shop
from pages.sources.test_arriving import text

PULL = """\
[pull]
url_from = "NO_SUCH_DATABASE"
query = "SELECT id, at FROM people"
high_water = "at"
every = "15 minutes"
[contact]
user_id = "id"
"""


def test_pulls_say_what_is_wrong_with_them(shop: Shop) -> None:
    client = shop.client("editor")
    assert "Nothing is fetched yet" in text(client.get("/sources/pulls"))
    (shop.path / "sources" / "crm.pull.toml").write_text(PULL, "utf-8")
    (shop.path / "sources" / "bad.pull.toml").write_text("[pull]\n", "utf-8")
    page = text(client.get("/sources/pulls"))
    assert "crm" in page and "15 minutes" in page and "pull.invalid" in page
    tried = client.post("/sources/pulls/crm/try")
    assert tried.status_code == 400 and "NO_SUCH_DATABASE" in text(tried)
    assert client.post("/sources/pulls/crm/run")["Location"] == "/sources/pulls"
    assert "NO_SUCH_DATABASE" in text(client.get("/sources/pulls"))
    assert client.post("/sources/pulls/bad/run").status_code == 302
    assert "no pull “bad” that can be run" in text(client.get("/sources/pulls"))
    assert client.post("/sources/pulls/nothing/try").status_code == 400
    assert shop.client("viewer").post("/sources/pulls/crm/run").status_code == 403


def test_the_watched_folder_shows_what_lies_in_it(shop: Shop) -> None:
    inbox, client = shop.path / "inbox", shop.client("viewer")
    for name in ("", "done", "refused"):
        (inbox / name).mkdir(parents=True, exist_ok=True)
    assert "Nothing lies in it" in text(client.get("/sources/pulls"))
    (inbox / "new.csv").write_text("email\n", "utf-8")
    (inbox / "refused" / "bad.csv").write_text("x", "utf-8")
    (inbox / "refused" / "bad.csv.txt").write_text("Not imported: <script>", "utf-8")
    page = client.get("/sources/pulls/part")
    assert b"<script>" not in page.content
    assert "new.csv waiting" in text(page) and "Not imported: <script>" in text(page)
    assert "bad.csv.txt" not in text(page)
