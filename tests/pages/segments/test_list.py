"""The list of segments: sizes from what is kept, what waits, what is wrong."""

from segment_shop import FILES, SegmentShop

from lettershop.app.segment_pages.listing import segment_list
from lettershop.app.segment_pages.standing import Segments
from lettershop.model.clock import DAY
from lettershop.model.facts import ContactFact


def page(shop: SegmentShop, address: str = "/segments", status: int = 200) -> str:
    found = shop.shop.client("viewer").get(address)
    assert found.status_code == status
    return found.content.decode()


def test_it_shows_every_segment_with_its_size_and_sentence(segment_shop: SegmentShop) -> None:
    text = page(segment_shop)
    assert "Hot leads" in text
    assert "Contacts whose score is at least 7." in text
    assert 'href="/segments/east/west"' in text
    assert "Low &lt;b&gt;scores&lt;/b&gt;" in text
    assert "<b>scores</b>" not in text
    assert "New segment" not in text  # a viewer only looks


def test_sizes_grow_day_by_day(segment_shop: SegmentShop) -> None:
    for day in range(1, 4):
        at = segment_shop.shop.clock.now()
        segment_shop.load(
            [
                ContactFact(
                    ts=at,
                    received_at=at,
                    message_id=f"n{day}-{n}",
                    contact=f"user:N{day}-{n}",
                    traits={"score": 9},
                )
                for n in range(day)
            ]
        )
        segment_shop.pass_time(DAY)
    with segment_shop.shop.engine.read() as workspace:
        rows = {row.name: row for row in segment_list(Segments(workspace)).rows}
    hot = rows["hot"]
    assert hot.sizes == (30, 31, 33, 36)
    assert (hot.size, hot.day, hot.week) == (36, 3, None)
    assert (hot.entered, hot.left) == (6, 0)  # those the definition brought in are no news
    assert 'class="spark"' in page(segment_shop)


def test_words_filters_and_orders(segment_shop: SegmentShop) -> None:
    def names(query: str) -> list[str]:
        text = page(segment_shop, f"/segments?{query}")
        shown = [
            name
            for name in ("hot", "signed-in", "big", "low", "high")
            if f'"/segments/{name}"' in text
        ]
        return sorted(shown, key=lambda name: text.index(f'"/segments/{name}"'))

    assert names("q=HOT+leads") == ["hot"]
    assert names("subject=account") == ["big"]
    assert names("partition=level&sort=size") == ["high", "low"]
    assert names("place=level.toml") == ["high", "low"]
    assert names("only=broken") == []
    assert "Nothing fits" in page(segment_shop, "/segments?q=nobody+is+called+so")


def test_hostile_queries_are_ignored(segment_shop: SegmentShop) -> None:
    for query in ("q=%00%ff", "sort=drop&subject=x", "q=" + "x" * 5_000, "place=../../etc"):
        page(segment_shop, f"/segments?{query}")


def test_the_folder_beside_what_is_in_force(segment_shop: SegmentShop) -> None:
    segment_shop.write("lists.toml", FILES["lists.toml"].replace("score >= 7", "score >= 8"))
    segment_shop.write("more.toml", "where = 'score = 1'\n")
    segment_shop.write("wrong.toml", "where = 'scroe = 1'\n")
    text = page(segment_shop)
    assert "2 definitions in the folder are not in force" in text
    assert "not in force yet" in text
    assert "the folder says otherwise" in text
    assert "did you mean score?" in text
    assert "Hot leads" not in page(segment_shop, "/segments?only=broken")


def test_an_empty_shop_says_what_to_do(shop: object) -> None:
    text = shop.client("editor").get("/segments").content.decode()  # type: ignore[attr-defined]
    assert "No segments yet" in text
    assert 'href="/segments/new"' in text
