"""Golden files: one letter of each class, of nobody real, that is the same again tomorrow."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, seed as seeded, settings, strategies as st
from seeds import seed
from small_letter import FALLBACK, LINK, SmallLetter, Somebody, a_template

from lettershop.content.letter import Read, Rendered, Result, Values
from lettershop.content.proof.golden.comparing import compare
from lettershop.content.proof.golden.files import Golden, read, write
from lettershop.content.proof.golden.keeping import LeftOut, keep
from lettershop.content.proof.golden.pruned import pruned
from lettershop.content.proof.golden.standins import shaped, standins
from lettershop.content.proof.places import from_plain, to_plain
from lettershop.content.proof.runner import prove
from lettershop.content.template import Policy, Skip
from lettershop.model.errors import InputError

ANN = {
    "contact": {
        "first_name": "Ann-Sophie <b>",
        "plan": "pro",
        "email": "ann@acme.com",
        "secret": "never read",
    },
    "deals": [{"name": "Big one", "note": "call Ann"}],
    "unsubscribe_url": LINK,
}


def kept(people: list[Values], letter: SmallLetter) -> list[Golden | LeftOut]:
    feed = [(Somebody(f"p{n}"), values, (0,)) for n, values in enumerate(people)]
    letters = {"": letter}
    return list(keep(prove(letters, feed, total=len(feed)), letters))


def small(policy: Policy | None = FALLBACK) -> SmallLetter:
    return SmallLetter(a_template(policy))


def only(people: list[Values], letter: SmallLetter) -> Golden:
    (golden,) = kept(people, letter)
    assert isinstance(golden, Golden)
    return golden


def test_a_class_is_kept_and_is_the_same_again(tmp_path: Path) -> None:
    golden = only([ANN], small())
    path = write(tmp_path, golden)
    assert path.parent == tmp_path / "golden" / "news"
    assert sorted(file.suffix for file in path.parent.iterdir()) == [".html", ".json", ".txt"]
    (again,) = read(tmp_path)
    assert again == golden
    assert compare(again, {"": small()}).state == "same"
    assert json.loads(path.read_text("utf-8"))["class"] == golden.id == path.stem


def test_nothing_of_the_real_person_is_in_the_files(tmp_path: Path) -> None:
    golden = only([ANN], small())
    write(tmp_path, golden)
    whole = "".join(file.read_text("utf-8") for file in tmp_path.rglob("*.*"))
    for real in ("Ann", "acme", "Big one", "call", "never read", LINK, "note", "email"):
        assert real not in whole
    name = golden.values["contact"]["first_name"]
    assert [len(name), name[0].isupper(), name[3], name[10:12]] == [14, True, "-", " <"]
    assert golden.values["contact"]["plan"] == "pro"  # the branch hangs on it
    assert "&lt;" in golden.html  # what is escaped stays tested


def test_a_changed_template_shows_as_a_diff() -> None:
    class Rude(SmallLetter):
        def render(self, values: Values, shown: Any = ()) -> Result:
            made = super().render(values, shown)
            assert isinstance(made, Rendered)
            html, text = made.html.replace("Hi ", "Oi "), made.text
            return Rendered("Shout", made.preheader, html, text, made.outcomes)

    found = compare(only([ANN], small()), {"": Rude(a_template())})
    assert found.state == "changed"
    assert "--- golden/subject\n+++ now/subject\n@@ -1 +1 @@\n-News\n+Shout\n" in found.diff
    assert "golden/html" in found.diff and "golden/text" not in found.diff


def test_another_branch_is_told_in_words() -> None:
    golden = only([ANN], small())
    contact = {**golden.values["contact"], "plan": "free"}
    other = Golden(**{**_fields(golden), "values": {**golden.values, "contact": contact}})
    (problem,) = compare(other, {"": small()}).problems
    told = 'falls into another class: no longer if contact.plan == "pro": yes; '
    assert problem == told + 'now if contact.plan == "pro": no'


def test_who_is_skipped_stays_skipped() -> None:
    nameless = {**ANN, "contact": {"plan": "pro"}}
    golden = only([nameless], small(Skip("no name")))
    assert (golden.fate, golden.reason, golden.html) == ("skipped", "no name", "")
    assert compare(golden, {"": small(Skip("no name"))}).state == "same"
    assert compare(golden, {"": small()}).problems[0] == "was skipped (no name), is now a letter"
    found = compare(golden, {"": small(None)})
    assert (found.state, "letter.missing" in found.problems[0]) == ("broken", True)


def test_what_has_gone_is_told() -> None:
    golden = only([ANN], small())
    assert compare(golden, {}).state == "gone"
    lost = Golden(**{**_fields(golden), "blocks": {"offers": 'plan = "gold"'}})
    assert compare(lost, {"": small()}).state == "gone"


def test_a_broken_class_is_not_kept() -> None:
    assert kept([{**ANN, "contact": {}}], small(None)) == []


def test_a_letter_that_hangs_on_who_somebody_is_is_not_kept() -> None:
    class Nosy(SmallLetter):
        def render(self, values: Values, shown: Any = ()) -> Result:
            made = super().render(values, shown)
            assert isinstance(made, Rendered)
            outcomes = made.outcomes | (values["contact"]["first_name"] != "Ann-Sophie <b>") * 2
            return Rendered("", "", made.html, made.text, outcomes)

    (left,) = kept([ANN], Nosy(a_template()))
    assert isinstance(left, LeftOut)
    assert "hangs on what contact.first_name says" in left.reason


def test_a_letter_that_reads_what_nobody_sees_is_not_kept() -> None:
    class Sly(SmallLetter):
        def __init__(self) -> None:
            super().__init__(a_template())
            self.reads = (Read(path=("contact", "first_name"), guarded=False),)

    (left,) = kept([ANN], Sly())
    assert isinstance(left, LeftOut) and "reads more" in left.reason


def test_a_real_name_written_where_it_does_not_belong_is_found() -> None:
    class Leaky(SmallLetter):
        def render(self, values: Values, shown: Any = ()) -> Result:
            made = super().render(values, shown)
            assert isinstance(made, Rendered)
            return Rendered("For Zebulon", "", made.html, made.text, made.outcomes)

    person = {**ANN, "contact": {"first_name": "Zebulon", "plan": "pro"}}
    (left,) = kept([person], Leaky(a_template()))
    assert isinstance(left, LeftOut)
    assert left.reason == "contact.first_name of a real person would stay in it"


def test_an_unreadable_file_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "content", only([ANN], small()))
    path.write_text("{")
    with pytest.raises(InputError) as refused:
        list(read(tmp_path / "content"))
    assert refused.value.where == f"content/golden/news/{path.name}"


def test_only_what_is_read_is_kept() -> None:
    reads = [Read(path=tuple(path.split(".")), guarded=False)
             for path in ("deals", "deals.*.name", "deals.size", "city", "order")]  # fmt: skip
    values = {"deals": [{"name": 1, "note": 2}], "city": "x", "town": "y", "order": {"total": 3}}
    known = {"deals": [{"name": 1}], "city": "x", "order": {"total": 3}}
    assert pruned(values, reads) == known


def test_equal_texts_stay_equal_and_addresses_lead_nowhere() -> None:
    values = {
        "contact": {
            "city": "Köln",
            "email": "eva.m@acme.com",
            "id": 4711,
            "born": date(1990, 2, 3),
        },
        "account": {"city": "Köln", "site": "https://acme.com/a?b=1", "size": 40},
        "owner": {"name": "Mara Lind", "phone": "+49 30 123"},
        "campaign": {"name": "Spring"},
    }
    found = {place: one.value for place, one in standins(values, a_template()).items()}
    assert found["contact", "city"] == found["account", "city"] != "Köln"
    assert not found["contact", "city"].isascii()
    assert found["contact", "email"].endswith("@example.com")
    assert found["account", "site"].startswith("https://example.com/")
    assert found["contact", "id"] != 4711
    assert found["owner", "phone"].startswith("+") and found["owner", "phone"][3] == " "
    assert not {("account", "size"), ("campaign", "name"), ("contact", "born")} & found.keys()


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.dates()
    | st.datetimes(timezones=st.sampled_from([UTC, ZoneInfo("Europe/Berlin")])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.sampled_from(["$date", "$object"]), inner)
    ),
    max_leaves=8,
)


@seeded(seed())
@settings(max_examples=200, deadline=None, database=None)
@given(PLAIN)
def test_values_come_back_as_they_were(value: Any) -> None:
    again = from_plain(json.loads(json.dumps(to_plain(value))))
    assert again == value
    assert _types(again) == _types(value)


@seeded(seed())
@settings(max_examples=100, deadline=None, database=None)
@given(st.text())
def test_stand_ins_keep_the_shape(text: str) -> None:
    made = shaped(text, Random(1))
    assert len(made) == len(text)
    assert [(a.isalpha(), a.isdecimal(), a.isascii()) for a in made if a.isascii()] == [
        (b.isalpha(), b.isdecimal(), True) for a, b in zip(made, text, strict=True) if a.isascii()
    ]
    signs = [(a, b) for a, b in zip(made, text, strict=True) if not b.isalnum()]
    assert all(a == b for a, b in signs)


def _fields(golden: Golden) -> dict[str, Any]:
    return {name: getattr(golden, name) for name in golden.__struct_fields__}


def _types(value: Any) -> Any:
    match value:
        case Mapping():
            return {key: _types(one) for key, one in value.items()}
        case list():
            return [_types(one) for one in value]
        case datetime():
            return (value.isoformat(), str(value.tzinfo))
        case Decimal():
            return (Decimal, str(value))
        case _:
            return type(value)
