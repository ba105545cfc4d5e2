"""A file on its way in: uploaded, looked at, changed, tried, imported, or thrown away."""

import re
import threading
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from opened_shop import Shop
from pages.sources.test_arriving import text

from lettershop.app.drafts import KEPT
from lettershop.app.workspace import Workspace
from lettershop.ingest.report import ImportReport
from lettershop.model.errors import NotFound

PEOPLE = (
    b"email,name,plan\nann@example.com,Ann <b>Lee</b>,pro\nben@example.com,Ben,\n,Nobody,free\n"
)
MAPPING = '[contact]\nemail = "email"\ntraits = { name = "name", plan = "plan" }\n'


def upload(client: Client, content: bytes = PEOPLE, name: str = "people.csv") -> str:
    """The draft's address, without a slash at the end."""
    answer = client.post("/sources/imports/upload", {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, text(answer)
    return answer["Location"].removesuffix("/mapping")


def contacts(shop: Shop) -> int:
    with shop.engine.read() as workspace:
        return int(workspace.store.con.execute("SELECT count(*) FROM contacts").fetchall()[0][0])


def test_a_file_is_looked_at_tried_and_imported(shop: Shop) -> None:
    client = shop.client("editor")
    draft = upload(client)
    page = text(client.get(f"{draft}/mapping"))
    assert "some rows name no contact" in page and "[contact]" in page
    rows = client.post(f"{draft}/rows", {"mapping": MAPPING})
    assert b"Ann <b>" not in rows.content and b"<html" not in rows.content
    assert "email:ann@example.com" in text(rows) and "contact.missing" in text(rows)
    tried = client.post(f"{draft}/mapping", {"mapping": MAPPING, "do": "try", "allow_refused": "1"})
    assert tried["Location"] == draft
    assert 'hx-trigger="every 1s"' in client.get(draft).content.decode()
    assert shop.running.imports.step() and contacts(shop) == 0
    done = client.get(f"{draft}/part")
    assert "nothing is stored" in text(done) and b"hx-trigger" not in done.content
    assert "New contacts 2" in text(done) and "Back to the mapping" in text(done)
    client.post(f"{draft}/mapping", {"do": "import", "allow_refused": "1"})
    assert shop.running.imports.step() and contacts(shop) == 2
    page = text(client.get(draft))
    assert "Rows 3 Refused 1" in page and "Back to the mapping" not in page
    refused = b"".join(client.get(f"{draft}/refused").streaming_content)  # type: ignore[arg-type]
    assert refused.decode().startswith("line,code,reason,row") and b"Nobody" in refused
    assert client.get(f"{draft}/mapping").status_code == 404
    assert "people.csv" in text(shop.client("viewer").get("/sources/imports"))


def test_mistakes_in_a_mapping_are_shown_where_they_are(shop: Shop) -> None:
    client = shop.client("editor")
    draft = upload(client)
    rows = client.post(f"{draft}/rows", {"mapping": "[contact]\nmail = 1\n"})
    assert "mapping.unknown_key" in text(rows) and "mapping:2:1" in text(rows)
    absent = client.post(f"{draft}/rows", {"mapping": '[contact]\nemail = "nothing"\n'})
    assert "nothing" in text(absent) and b"alert-danger" in absent.content
    lookup = '{ file = "/etc/passwd", match = "a", take = "b" }'
    outside = f'[contact]\nemail = {{ column = "email", lookup = {lookup} }}\n'
    told = client.post(f"{draft}/rows", {"mapping": outside})
    assert "mapping.lookup_outside" in text(told) and "root:" not in text(told)
    answer = client.post(f"{draft}/mapping", {"mapping": "[contact]\n", "do": "import"})
    assert answer.status_code == 400 and not shop.running.imports.step()


def test_a_mapping_of_the_workspace_is_used_for_files_of_its_name(shop: Shop) -> None:
    (shop.path / "sources" / "people.toml").write_text("# ours\n" + MAPPING, "utf-8")
    client = shop.client("editor")
    page = text(client.get(upload(client) + "/mapping"))
    assert "There is a mapping for files of this name" in page and "# ours" in page


def test_what_nothing_can_be_guessed_of_begins_with_an_example(shop: Shop) -> None:
    client = shop.client("editor")
    draft = upload(client, b"a,b\n1,2\n", "numbers.csv")
    assert "no column looks like a contact" in text(client.get(f"{draft}/mapping"))


def test_a_file_is_thrown_away_or_forgotten_after_a_week(shop: Shop) -> None:
    client = shop.client("editor")
    first = upload(client)
    assert client.post(f"{first}/drop")["Location"] == "/sources/imports"
    assert client.get(f"{first}/mapping").status_code == 404
    second = upload(client)
    shop.clock.advance(KEPT + 1)
    upload(client)
    assert client.get(f"{second}/mapping").status_code == 404
    assert len(shop.running.drafts.all()) == 1


def test_what_waits_is_cancelled_at_once(shop: Shop) -> None:
    client = shop.client("editor")
    draft = upload(client)
    client.post(f"{draft}/mapping", {"mapping": MAPPING, "do": "import", "allow_refused": "1"})
    assert client.post(f"{draft}/mapping", {"do": "import"}).status_code == 400
    assert client.post(f"{draft}/cancel").status_code == 302
    assert not shop.running.imports.step() and contacts(shop) == 0
    assert "import.cancelled" in text(client.get(draft))
    again = client.post(f"{draft}/mapping", {"do": "import", "allow_refused": "1"})
    assert again["Location"] == draft and shop.running.imports.step() and contacts(shop) == 2
    client.post(f"{draft}/cancel")
    assert "is over already" in text(client.get("/sources/imports"))


def test_what_is_under_way_is_cancelled_and_leaves_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = shop.client("editor")
    draft = upload(client)
    begun, whole = threading.Event(), Workspace.import_file

    def slow(self: Workspace, *args: Any, **how: Any) -> ImportReport:
        begun.set()
        self.store.con.execute("SELECT sum(a.i * b.i) FROM range(9000000) a(i), range(90000) b(i)")
        return whole(self, *args, **how)

    monkeypatch.setattr(Workspace, "import_file", slow)
    client.post(f"{draft}/mapping", {"mapping": MAPPING, "do": "import", "allow_refused": "1"})
    worker = threading.Thread(target=shop.running.imports.step)
    worker.start()
    assert begun.wait(10)
    for _ in range(100):  # until the query itself is under way
        client.post(f"{draft}/cancel") if worker.is_alive() else None
        worker.join(0.1)
        if not worker.is_alive():
            break
    assert not worker.is_alive() and contacts(shop) == 0
    assert "import.cancelled" in text(client.get(draft))


@pytest.mark.parametrize("id_", ["20260302090000-00000000", "nothing", "-", "x" * 300])
def test_imports_that_are_not_there(shop: Shop, id_: str) -> None:
    client = shop.client("owner")
    for tail in ("", "/part", "/mapping", "/rows", "/refused"):
        assert client.get(f"/sources/imports/{id_}{tail}").status_code == 404
    for tail in ("/cancel", "/drop", "/mapping", "/rows"):
        assert client.post(f"/sources/imports/{id_}{tail}").status_code == 404
    with pytest.raises(NotFound):
        shop.running.drafts.find("../../data")


def test_only_editors_upload_and_files_that_are_none_are_said(shop: Shop) -> None:
    client = shop.client("editor")
    assert "Choose a file first" in text(client.post("/sources/imports/upload"))
    empty = client.post("/sources/imports/upload", {"file": SimpleUploadedFile("a.csv", b" \n")})
    assert empty.status_code == 400 and "file.empty" in text(empty)
    binary = client.post("/sources/imports/upload", {"file": SimpleUploadedFile("a.csv", b"\0\1")})
    assert binary.status_code == 400 and not shop.running.drafts.all()
    assert not re.search(r"/uploads/|/body/", text(binary))
    viewer = shop.client("viewer")
    assert viewer.post("/sources/imports/upload").status_code == 403
    assert b'type="file"' not in viewer.get("/sources/imports").content
