"""A segment's page and its tabs."""

import re

import pytest
from segment_shop import PEOPLE, SegmentShop

from lettershop.access.models import AuditEntry
from lettershop.app.segment_pages.standing import Segments
from lettershop.model.clock import DAY


class Reader:
    """A browser of a role."""

    def __init__(self, shop: SegmentShop, role: str = "editor") -> None:
        self.client = shop.shop.client(role)  # type: ignore[arg-type]

    def get(self, address: str, status: int = 200) -> str:
        found = self.client.get(address)
        assert found.status_code == status, found.content[:2_000]
        return found.content.decode()

    def post(self, address: str, status: int = 302, **fields: str) -> str:
        found = self.client.post(address, fields)
        assert found.status_code == status, found.content[:2_000]
        return found.content.decode()


@pytest.fixture
def reader(segment_shop: SegmentShop) -> Reader:
    return Reader(segment_shop)


def test_the_overview_tells_what_it_is(reader: Reader) -> None:
    text = reader.get("/segments/hot")
    assert "Hot leads" in text
    assert "score &gt;= 7" in text
    assert f"of {PEOPLE} there are" in text
    assert "hot and in" in text  # who uses it
    assert 'href="/campaigns/new?segment=hot"' in text
    assert "/segments/hot/edit" in text
    assert "/campaigns/new" not in reader.get("/segments/big")  # letters go to people


def test_names_with_anything_in_them_have_their_page(reader: Reader) -> None:
    for tab in ("", "/members", "/history", "/changes", "/overlap", "/apart", "/explain", "/pins"):
        assert "east/west" in reader.get(f"/segments/east/west{tab}")
        assert "hot and in" in reader.get(f"/segments/hot%20and%20in{tab}")


def test_what_is_not_there_is_404(reader: Reader) -> None:
    for tab in (
        "",
        "/members",
        "/members.csv",
        "/history",
        "/changes",
        "/overlap",
        "/apart?whole=1",
    ):
        reader.get(f"/segments/nobody{tab}", 404)
    reader.get("/segments/nobody/explain/found?q=x", 404)
    reader.get("/segments/partitions/nobody", 404)


def test_members_by_pages_and_by_what_is_typed(reader: Reader, segment_shop: SegmentShop) -> None:
    text = reader.get("/segments/east/west/members")
    assert text.count('href="/contacts/user') == 50
    later = re.search(r'rel="next" href="([^"]+)"', text)
    assert later
    following = reader.get("/segments/east/west/members" + later[1])
    assert 'rel="prev"' in following
    assert "Ada &lt;i&gt;7&lt;/i&gt;" in reader.get("/segments/hot/members?q=ada")
    assert reader.get("/segments/hot/members?q=person+8&column=email").count("u8@example.com") == 1
    assert "No member fits" in reader.get("/segments/hot/members?q=zebra")


def test_accounts_and_their_members(reader: Reader) -> None:
    text = reader.get("/segments/big/members")
    assert "Firm 11" in text
    assert 'href="/accounts/A11"' in text
    assert "Firm 6" in reader.get("/segments/big/members?q=firm+6")


def test_the_file_of_members(reader: Reader) -> None:
    found = reader.client.get("/segments/hot/members.csv")
    lines = b"".join(found).decode().splitlines()  # type: ignore[arg-type]
    assert len(lines) == 31
    assert found["Content-Type"] == "text/csv; charset=utf-8"


def test_a_definition_that_is_only_in_the_folder(reader: Reader, segment_shop: SegmentShop) -> None:
    segment_shop.write("more.toml", "where = 'score = 1'\n")
    assert "is not in force" in reader.get("/segments/more")
    assert reader.get("/segments/more/members").count('href="/contacts/user') == 10
    assert "U1 is in" in reader.get("/segments/more/explain?who=user:U1").replace("user:", "")
    segment_shop.write("more.toml", "where = 'scroe = 1'\n")
    text = reader.get("/segments/more")
    assert "did you mean score?" in text
    reader.get("/segments/more/members")
    reader.get("/segments/more/explain?who=user:U1", 400)


def test_published_only_in_the_app_it_has_all_tabs_too(
    reader: Reader, segment_shop: SegmentShop
) -> None:
    (segment_shop.shop.path / "segments" / "lists.toml").unlink()
    assert "is in" in reader.get("/segments/hot/explain?who=user:U7")
    assert reader.get("/segments/hot/members").count('href="/contacts/user') == 30


def test_right_after_publishing_it_is_evaluated(reader: Reader, segment_shop: SegmentShop) -> None:
    segment_shop.write("more.toml", "where = 'score = 1'\n")
    segment_shop.publish()
    assert "being counted" in reader.get("/segments/more")
    assert reader.get("/segments/more/members").count('href="/contacts/user') == 10
    with segment_shop.shop.engine.read() as workspace:
        assert Segments(workspace).size("more") is None
    segment_shop.pass_time()
    with segment_shop.shop.engine.read() as workspace:
        assert Segments(workspace).size("more") == 10


def test_history_and_who_moved(reader: Reader, segment_shop: SegmentShop) -> None:
    segment_shop.pass_time(29 * DAY)  # all but a few signed in more than 30 days ago
    text = reader.get("/segments/signed-in/history")
    assert "<svg" in text
    assert "Day by day" in text
    moved = reader.get("/segments/signed-in/changes")
    assert "time went by" in moved
    assert "/segments/signed-in/explain?who=user%3AU" in moved
    earlier = re.search(r'href="(\?before=\d+)"', moved)
    assert earlier
    assert "The newest" in reader.get("/segments/signed-in/changes" + earlier[1])


def test_sizes_of_the_time_before_it_was_kept(reader: Reader) -> None:
    assert 'hx-trigger="load"' in reader.get("/segments/signed-in/history")
    text = reader.get("/segments/signed-in/history?past=1")
    assert "The numbers from the facts" in text
    assert 'hx-trigger="load"' not in text


def test_overlap_says_what_is_shared(reader: Reader) -> None:
    text = reader.get("/segments/hot/overlap")
    assert "All of its members are in “high”, too." in text
    assert "It has exactly the members of “hot and in”." in text
    assert "<svg" in reader.get("/segments/hot/overlap?picture=1")
    whole = reader.get("/segments/overlap?subject=contact&picture=1")
    assert "share of the row" in whole
    assert "No two segments share members" in reader.get("/segments/overlap?subject=people")


def test_explaining_somebody_found_by_name(reader: Reader) -> None:
    found = reader.get("/segments/hot/explain/found?q=u2@example.com")
    assert 'href="/segments/hot/explain?who=user%3AU2"' in found
    told = reader.get("/segments/hot/explain?q=u19@example.com")
    assert "user:U19" in told or "u19@example.com" in told
    assert "is in" in told
    assert "is not in" in reader.get("/segments/hot/explain?who=user:U2")
    assert "no contact" in reader.get("/segments/hot/explain?who=user:NOBODY", 400).lower()
    assert "Firm 6" in reader.get("/segments/big/explain/found?q=firm+6")
    assert "is in" in reader.get("/segments/big/explain?who=A6")


def test_pins_are_made_taken_back_and_made_again(reader: Reader, segment_shop: SegmentShop) -> None:
    reader.post(
        "/segments/hot/pins/add", who="user:U2", reason="<b>asked</b> for it", include="yes"
    )
    text = reader.get("/segments/hot/pins")
    assert "&lt;b&gt;asked&lt;/b&gt; for it" in text
    undo = re.search(r'action="(/segments/hot/pins/\d+/remove)"', text)
    assert undo
    segment_shop.pass_time()
    with segment_shop.shop.engine.read() as workspace:
        assert Segments(workspace).size("hot") == 31
    assert "Put in by hand by" in reader.get("/segments/hot/explain?who=user:U2")
    reader.post(undo[1])
    again = reader.get("/segments/hot/pins")
    assert 'name="reason" value="&lt;b&gt;asked&lt;/b&gt; for it"' in again  # the way back
    assert "One that has ended" in again
    assert [e.what for e in AuditEntry.objects.order_by("pk")][-2:] == [
        "segment.pin",
        "segment.unpin",
    ]


def test_pins_need_somebody_a_reason_and_a_day(reader: Reader) -> None:
    add = "/segments/hot/pins/add"
    assert "pin.who" in reader.post(add, 400)
    assert "pin.reason" in reader.post(add, 400, who="user:U2")
    assert "is not a day" in reader.post(add, 400, who="user:U2", reason="x", expires="tomorrow")
    assert "pin.expired" in reader.post(add, 400, who="user:U2", reason="x", expires="2020-01-01")
    assert "contact.unknown" in reader.post(add, 400, who="nobody", reason="x")
    assert "text.unwritable" in reader.post(add, 400, who="user:U2", reason="a\0b")


def test_hostile_queries(reader: Reader) -> None:
    for query in ("from=99999999999999", "from=-1", "from=%00", "column=%00&column=x", "q=%00"):
        reader.get(f"/segments/hot/members?{query}")
    for query in ("before=x", "before=99999999999999999999"):
        reader.get(f"/segments/hot/changes?{query}")
    reader.get("/segments/hot/history?days=9999999")
    reader.get("/segments/hot/explain?q=%00&who=%00")
    reader.get("/segments/%00", 404)


def test_viewers_change_nothing(segment_shop: SegmentShop) -> None:
    viewer = Reader(segment_shop, "viewer")
    assert "New pin" not in viewer.get("/segments/hot/pins")
    viewer.post("/segments/hot/pins/add", 403, who="user:U2", reason="x")
    viewer.get("/segments/partitions/level/edit", 403)
    viewer.post("/segments/plan/apply", 403)
