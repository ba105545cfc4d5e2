"""A partition's page with its proof, its editor, and the plan of the whole folder."""

import re
from typing import Any

import pytest
from segment_shop import FILES, SegmentShop

from lettershop.app.segment_pages.partitions import Arm, PartitionText, partition_file
from lettershop.app.segment_pages.standing import Segments
from lettershop.segments.register import in_force

EDIT = "/segments/partitions/level/edit"
FORM = {
    "arm": ["low", "high"],
    "arm_title": ["Low", ""],
    "arm_description": ["", ""],
    "arm_text": ["score < 3", "score >= 3"],
    "catch_all": "unscored",
    "title": "Level of score",
}


class Editor:
    def __init__(self, shop: SegmentShop) -> None:
        self.client = shop.shop.client("editor")

    def get(self, address: str, status: int = 200) -> str:
        found = self.client.get(address)
        assert found.status_code == status, found.content[:2_000]
        return found.content.decode()

    def post(self, address: str, do: str, status: int = 200, **changed: Any) -> str:
        found = self.client.post(address, {**FORM, **changed, "do": do})
        assert found.status_code == status, found.content[:3_000]
        return found.content.decode()


@pytest.fixture
def editor(segment_shop: SegmentShop) -> Editor:
    return Editor(segment_shop)


def texts(page: str) -> list[str]:
    return re.findall(r'name="arm" value="([^"]*)"', page)


def revision(page: str) -> str:
    found = re.search(r'name="revision" value="(\d+)"', page)
    assert found
    return found[1]


def test_the_page_is_there_at_once_and_then_the_proof(editor: Editor) -> None:
    text = editor.get("/segments/partitions/level")
    assert "Level of score" in text
    assert 'hx-get="?proof=1"' in text
    assert "the rest" in text
    proved = editor.get("/segments/partitions/level?proof=1")
    assert "each of 120 is in exactly one segment" in proved
    assert "Counted from what is kept current" in proved


def test_arms_are_moved_added_and_removed_without_a_script(editor: Editor) -> None:
    assert texts(editor.get(EDIT)) == ["low", "high"]
    assert texts(editor.post(EDIT, "down:0")) == ["high", "low"]
    assert texts(editor.post(EDIT, "up:1")) == ["high", "low"]
    assert texts(editor.post(EDIT, "up:0")) == ["low", "high"]
    assert texts(editor.post(EDIT, "remove:0")) == ["high"]
    assert texts(editor.post(EDIT, "add")) == ["low", "high", ""]
    for do in ("remove:99", "down:-1", "up:x", "nonsense", "remove:"):
        assert texts(editor.post(EDIT, do)) == ["low", "high"]


def test_what_is_wrong_stands_at_its_arm(editor: Editor) -> None:
    text = editor.post(EDIT, "check", 400, arm_text=["scroe < 3", ""])
    assert "did you mean score?" in text
    assert "needs a condition" in text
    assert "Publish all of it" not in text
    text = editor.post(EDIT, "check", 400, arm=["hot", "high"])
    assert "“hot” is a segment of its own already" in text
    assert "two segments are called" in editor.post(EDIT, "check", 400, arm=["low", "low"])
    assert "a partition has 1 to 100" in editor.post(
        EDIT, "check", 400, arm=[], arm_text=[], arm_title=[], arm_description=[]
    )


def test_a_change_is_counted_shown_and_published_as_a_whole(
    editor: Editor, segment_shop: SegmentShop
) -> None:
    changed = {"arm_text": ["score < 2", "score >= 2"], "note": "lower"}
    text = editor.post(EDIT, "check", **changed)
    assert "30 → 20" in text
    assert "<del>− score &lt; 3</del>" in text
    assert "Yes, its size may go from 30 to 20 at once" in text
    assert "segment.size_guard" in editor.post(
        EDIT, "publish", 400, **changed, revision=revision(text)
    )
    editor.post(EDIT, "publish", 302, **changed, revision=revision(text), allow="low")
    segment_shop.pass_time()
    with segment_shop.shop.engine.read() as workspace:
        segments = Segments(workspace)
        assert (segments.size("low"), segments.size("high")) == (20, 80)
        assert segments.standing("low").state == "differs"  # the file still says otherwise
    assert "each of 120 is in exactly one" in editor.get("/segments/partitions/level?proof=1")


def test_the_order_decides(editor: Editor, segment_shop: SegmentShop) -> None:
    """Both fit a score of 1: the first has it."""
    overlapping = {"arm_text": ["score < 9", "score >= 0"]}
    text = editor.post(EDIT, "check", **overlapping)
    editor.post(EDIT, "publish", 302, **overlapping, revision=revision(text), allow=["low", "high"])
    segment_shop.pass_time()
    with segment_shop.shop.engine.read() as workspace:
        assert (Segments(workspace).size("low"), Segments(workspace).size("high")) == (90, 10)


def test_who_counted_something_else_publishes_nothing(editor: Editor) -> None:
    text = editor.post(EDIT, "publish", 400, arm_text=["score < 2", "score >= 2"], revision="0")
    assert "register.changed" in text
    assert "register.changed" in editor.post(EDIT, "publish", 400)  # it was never counted


def test_an_arm_less_goes_out_of_force(editor: Editor, segment_shop: SegmentShop) -> None:
    one = {key: FORM[key][1:] for key in ("arm", "arm_title", "arm_description", "arm_text")}
    text = editor.post(EDIT, "check", **one)
    editor.post(EDIT, "publish", 302, **one, revision=revision(text), allow=["unscored", "high"])
    now = in_force(segment_shop.shop.clock.now())
    assert "low" not in now.definitions()
    assert now.partition_of("high").members == ("high", "unscored")  # type: ignore[union-attr]


def test_a_new_partition(editor: Editor, segment_shop: SegmentShop) -> None:
    new = {
        "name": "land",
        "title": "By land",
        "subject": "contact",
        "arm": ["german"],
        "arm_title": [""],
        "arm_description": [""],
        "arm_text": ['country = "DE"'],
        "catch_all": "abroad",
    }
    address = "/segments/partitions/new"
    assert "a name cannot be blank" in editor.post(address, "check", 400, **{**new, "name": ""})
    text = editor.post(address, "check", **new)
    editor.post(address, "publish", 302, **new, revision=revision(text))
    segment_shop.pass_time()
    page = editor.get("/segments/partitions/land?proof=1")
    assert "each of 120 is in exactly one segment" in page


def test_the_same_for_the_folder_means_the_same(segment_shop: SegmentShop, editor: Editor) -> None:
    said = PartitionText(
        name='odd "name"',
        title="Äpfel",
        arms=(
            Arm(name="a", text='country = "DE"\nand score > 3', description="it's “so”"),
            Arm(name="b", text="name matches /\\d+/"),
        ),
        catch_all="c",
        catch_all_title="All else",
    )
    segment_shop.write("odd.toml", partition_file(said))
    with segment_shop.shop.engine.read() as workspace:
        library = workspace.library()
        assert library.findings == ()
        own = [library.items[name].definition for name in ("a", "b")]
    assert [one.text.strip() for one in own] == [arm.text for arm in said.arms]
    assert own[0].description == "it's “so”"


def test_the_plan_of_the_folder(editor: Editor, segment_shop: SegmentShop) -> None:
    assert 'hx-trigger="load"' in editor.get("/segments/plan")
    whole = "/segments/plan?whole=1"
    assert "All of the folder is in force" in editor.get(whole)
    segment_shop.write("lists.toml", FILES["lists.toml"].replace("score >= 7", "score >= 8"))
    segment_shop.write("more.toml", "where = 'score = 1'\n")
    text = editor.get(whole)
    assert "30 → 20" in text
    assert re.search(r"leaves</span> user:U\d+", text)
    form = {"revision": revision(text), "fingerprint": fingerprint(text), "note": "fewer"}
    refused = editor.client.post("/segments/plan/apply", form)
    assert refused.status_code == 400
    assert "segment.size_guard" in refused.content.decode()
    done = editor.client.post("/segments/plan/apply", {**form, "allow": ["hot", "hot and in"]})
    assert done.status_code == 302
    assert "2 segments are in force in new versions." in editor.get("/segments")
    late = editor.client.post("/segments/plan/apply", form)
    assert "register.changed" in late.content.decode()


def fingerprint(page: str) -> str:
    found = re.search(r'name="fingerprint" value="([^"]*)"', page)
    assert found
    return found[1]


def test_a_plan_of_a_broken_folder_says_what_is_wrong(
    editor: Editor, segment_shop: SegmentShop
) -> None:
    segment_shop.write("wrong.toml", "where = 'scroe = 1'\n")
    assert "did you mean score?" in editor.get("/segments/plan?whole=1")


def test_what_would_be_removed_is_asked_for_apart(
    editor: Editor, segment_shop: SegmentShop
) -> None:
    (segment_shop.shop.path / "segments" / "lists.toml").unlink()
    assert "In force, not in the folder, and kept:" in editor.get("/segments/plan?whole=1")
    assert "removed" in editor.get("/segments/plan?whole=1&prune=1")
