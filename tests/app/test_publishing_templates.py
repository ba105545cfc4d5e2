"""Templates are published with the segments of the same folder: all at once, or nothing."""

from pathlib import Path

import pytest
from publishing import Desk, changes, code_of

from lettershop.access.models import AuditEntry
from lettershop.content import register, versions
from lettershop.content.models import TemplateVersion
from lettershop.content.versions import TemplateSwitch
from lettershop.model.errors import DefinitionError, InputError, UsageError

LETTER = "+++\nsubject = 'Spring'\n+++\n<p>{}</p>\n"


class Writer:
    """Somebody who writes letters at the desk."""

    def __init__(self, desk: Desk) -> None:
        self.folder: Path = desk.shop.path / "content"

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")

    def remove(self, name: str) -> None:
        (self.folder / name).unlink()


@pytest.fixture
def writer(desk: Desk) -> Writer:
    return Writer(desk)


def kinds(desk: Desk, *, prune: bool = False) -> list[tuple[str, str, int | None]]:
    plan = desk.plan(prune=prune)
    return [(change.kind, change.name, change.version) for change in plan.templates]


def test_the_life_of_a_template(desk: Desk, writer: Writer) -> None:
    assert desk.plan().empty and desk.plan().templates == ()
    writer.write("spring/offer.html", LETTER.format("Buy"))
    writer.write("spring/offer.de.html", LETTER.format("Kauf"))
    plan = desk.plan()
    (change,) = plan.templates
    assert (change.kind, change.name, change.subject) == ("new", "spring/offer", "Spring")
    assert change.languages == ("de",) and not plan.empty and plan.changes == ()
    assert change.files == ("spring/offer.de.html", "spring/offer.html")
    applied = desk.apply(note="first")
    assert (applied.templates, applied.versions) == ({"spring/offer": 1}, {})
    assert desk.plan().empty and desk.plan().templates_unchanged == ("spring/offer",)

    writer.write("spring/offer.html", LETTER.format("Buy now"))
    (change,) = desk.plan().templates
    assert (change.kind, change.version, change.files) == ("changed", 1, ("spring/offer.html",))
    assert change.diff.splitlines()[:2] == [
        "--- content/spring/offer.html",
        "+++ content/spring/offer.html",
    ]
    assert "-<p>Buy</p>" in change.diff and "+<p>Buy now</p>" in change.diff
    assert desk.apply().templates == {"spring/offer": 2}

    writer.remove("spring/offer.html")
    writer.remove("spring/offer.de.html")
    kept = desk.plan()
    assert kept.empty and kept.templates_kept == ("spring/offer",)
    assert kinds(desk, prune=True) == [("removed", "spring/offer", 2)]
    assert desk.apply(prune=True).templates_removed == ("spring/offer",)
    assert register.published() == () and desk.plan(prune=True).empty

    writer.write("spring/offer.html", LETTER.format("Again"))
    assert kinds(desk) == [("new", "spring/offer", None)]
    assert desk.apply().templates == {"spring/offer": 3}
    rows = register.versions("spring/offer")
    assert [(row.number, row.state) for row in rows] == [
        (3, "published"),
        (2, "retired"),
        (1, "retired"),
    ]
    assert (rows[2].note, rows[2].author) == ("first", "editor@example.com")
    assert rows[1].retired_at is not None and rows[0].retired_at is None


def test_what_is_in_force_is_read_from_the_records(desk: Desk, writer: Writer) -> None:
    writer.write("a.html", LETTER.format("One"))
    desk.apply()
    writer.write("a.html", "+++\nnothing right")
    template = register.published_as("a").template()
    assert template.variants[0].body == "<p>One</p>\n"
    assert template.digest == register.published_as("a").digest
    assert code_of(lambda: register.published_as("b")) == "template.unknown"
    assert code_of(lambda: register.versions("a\0")) == "template.unknown"
    assert code_of(lambda: register.version("a", 9)) == "version.unknown"


def test_segments_and_templates_go_together_or_not_at_all(desk: Desk, writer: Writer) -> None:
    desk.write(hot="score >= 8", wrong="scroe >= 8")
    writer.write("good.html", LETTER.format("Hi"))
    writer.write("bad.html", "no front matter")
    with pytest.raises(DefinitionError) as refused:
        desk.apply()
    assert {f.source for f in refused.value.findings} == {
        "segments/wrong.toml",
        "content/bad.html",
    }
    desk.write(wrong="score < 2")
    assert code_of(desk.apply) == "template.no_front_matter"
    assert not desk.in_force() and not register.published()
    writer.remove("bad.html")
    applied = desk.apply()
    assert (applied.versions, applied.templates) == ({"hot": 1, "wrong": 1}, {"good": 1})


def test_a_size_guard_holds_back_the_templates_too(desk: Desk, writer: Writer) -> None:
    desk.write(hot="score >= 8")
    desk.apply()
    desk.write(hot="score >= 1")
    writer.write("a.html", LETTER.format("Hi"))
    assert code_of(desk.apply) == "segment.size_guard"
    assert not register.published()


def test_only_segments_count_the_revision_that_the_keeper_follows(
    desk: Desk, writer: Writer
) -> None:
    desk.write(hot="score >= 8")
    writer.write("a.html", LETTER.format("Hi"))
    assert desk.apply().revision == 1
    writer.write("a.html", LETTER.format("Hello"))
    assert desk.apply().revision == 1 and desk.plan().revision == 1


def test_a_plan_that_was_overtaken_is_not_applied(desk: Desk, writer: Writer) -> None:
    writer.write("a.html", LETTER.format("Hi"))
    plan = desk.plan()
    desk.apply()
    writer.write("a.html", LETTER.format("Hello"))
    late = {"revision": plan.revision, "fingerprint": plan.fingerprint}
    assert code_of(lambda: desk.apply(**late)) == "register.changed"
    assert desk.plan().fingerprint != plan.fingerprint
    switch = TemplateSwitch(expected=plan.fingerprint, removed=["a"], author="x", at=1)
    assert code_of(lambda: versions.publish(switch)) == "register.changed"
    assert TemplateVersion.objects.filter(state="published").count() == 1


def test_what_is_not_in_force_cannot_be_removed(desk: Desk) -> None:
    now = register.fingerprint()
    switch = TemplateSwitch(expected=now, removed=["nothing"], author="x", at=1)
    assert code_of(lambda: versions.publish(switch)) == "template.unknown"


def test_everything_is_written_down(desk: Desk, writer: Writer) -> None:
    writer.write("a.html", LETTER.format("Hi"))
    desk.apply(note="first")
    writer.remove("a.html")
    desk.apply(prune=True)
    entries = AuditEntry.objects.filter(what__startswith="template.").order_by("id")
    assert [(e.what, e.target, e.details) for e in entries] == [
        ("template.publish", "a", {"version": 1, "note": "first"}),
        ("template.remove", "a", {"note": ""}),
    ]
    assert code_of(lambda: desk.apply(note="\ud800")) == "text.unwritable"


def test_texts_that_are_sent(desk: Desk, writer: Writer) -> None:
    """A program that sends segments only leaves templates alone, also with prune."""
    writer.write("a.html", LETTER.format("Hi"))
    desk.apply()
    assert desk.plan({}, prune=True).empty and register.published() != ()
    sent = {"a.html": LETTER.format("Hi"), "b.mjml": LETTER.format("")}
    assert [c.name for c in desk.plan({}, {"a.html": sent["a.html"]}).templates] == []
    assert [c.kind for c in desk.plan({}, {}, prune=True).templates] == ["removed"]
    assert changes(desk.plan({}, {"a.html": LETTER.format("Ho")})) == {}


@pytest.mark.parametrize(
    "path",
    [
        "../a.mjml",
        "/a.mjml",
        "a.toml",
        "logo.png",
        ".a.mjml",
        "golden/a/1.html",
        "a\\b.mjml",
        "a/./b.mjml",
        "a//b.mjml",
        "a\0.mjml",
        "x" * 300 + ".mjml",
    ],
)
def test_paths_that_are_sent_are_those_of_templates(desk: Desk, path: str) -> None:
    with pytest.raises(InputError) as refused:
        desk.plan({}, {path: LETTER.format("Hi")})
    assert refused.value.code == "template.path"


BLOCK = """+++
subject = "Spring"
+++
<p>{{% block offer %}}{{% when {} %}}Hot{{% default %}}Cold{{% endblock %}}</p>
"""


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.html", LETTER.format("{{ contact.city"), "4:4 markup.liquid_open"),
        ("a.html", LETTER.format("{% if x %}Hi"), "4:4 letter.syntax"),
        ("a.mjml", LETTER.format("Hi"), "mjml."),
        ("a.html", BLOCK.format('in segment "nobody"'), "segment.unknown"),
        ("a.html", BLOCK.format("scroe > 3"), "4:29 field.unknown"),
        ("a.html", BLOCK.format("score >"), "4:36 language.incomplete"),
        (
            "a.html",
            "+++\nsubject = 'x'\n[data.w]\nurl = 'https://api.acme.example'\n+++\n<p>Hi</p>",
            "outside.not_allowed",
        ),
    ],
)
def test_a_letter_that_cannot_be_made_is_refused(
    desk: Desk, writer: Writer, name: str, text: str, told: str
) -> None:
    writer.write(name, text)
    writer.write("good.html", LETTER.format("Hi"))
    with pytest.raises(DefinitionError) as refused:
        desk.apply()
    found = [
        f"{f.span.line}:{f.span.column} {f.code}" if f.span else f.code
        for f in refused.value.findings
    ]
    assert any(told in one for one in found), found
    assert {f.source for f in refused.value.findings} == {f"content/{name}"}
    assert not register.published()


def test_a_block_may_ask_about_a_segment_of_the_same_apply(desk: Desk, writer: Writer) -> None:
    desk.write(hot="score >= 8")
    writer.write("a.html", BLOCK.format('in segment "hot"'))
    applied = desk.apply()
    assert (applied.versions, applied.templates) == ({"hot": 1}, {"a": 1})


def test_a_segment_that_a_template_asks_about_stays(desk: Desk, writer: Writer) -> None:
    desk.write(hot="score >= 8")
    writer.write("a.html", BLOCK.format('in segment "hot"'))
    desk.apply()
    with pytest.raises(UsageError, match="a template asks about it: “a”"):
        desk.remove("hot")
    (desk.folder / "hot.toml").unlink()
    assert code_of(lambda: desk.apply(prune=True)) == "segment.referenced"
    writer.write("a.html", BLOCK.format("score >= 8"))
    applied = desk.apply(prune=True)
    assert (applied.removed, applied.templates) == (("hot",), {"a": 2})
