"""A campaign is written by form or by text: both say the same, and nothing is lost."""

import html
import re
from typing import Any

import pytest
from campaign_story import CAMPAIGN, Story
from django.http import QueryDict
from pages.campaigns.conftest import Browser, browser

from lettershop.campaigns.models import CampaignRecord
from lettershop.campaigns.reading import read_text
from lettershop.campaigns.writing import words_in, written
from lettershop.web.pages.campaigns.fields import Fields, fields_of, posted, words_of
from lettershop.web.pages.campaigns.sheet import edited

FORM: dict[str, Any] = {
    "name": "offers/spring",
    "title": "Spring offers",
    "include": ["all"],
    "purpose": "newsletter",
    "several": "",
    "content": "hello",
    "when": "at",
    "at": "2026-03-09T09:30",
    "at_zone": "UTC",
    "holdout": "10.5",
    "hold_minutes": "10",
    "canary": "1",
    "canary_percent": "20",
    "stop_complaint": "0.1",
    "where": "everyone",
    "days": "7",
}
MEANT = """\
title = "Spring offers"
content = "hello"
include = ["all"]
purpose = "newsletter"
at = "2026-03-09 09:30"
holdout = 10.5
hold_minutes = 10
canary = { percent = 20 }
stop = { complaint = 0.1 }
goal = { where = "everyone", days = 7 }
"""
EVERYTHING = """\
title = "All"
description = "What for"
include = ["all", "more"]
exclude = ["some"]
stream = "marketing"
topic = "fares"
holdout = 10.0
unit = "contact"
pixel = true
variant = [{name = "A", content = "one", share = 2}, {name = "B", content = "two"}]
compare = { measure = "reply", baseline = 0.025, effect = 0.1, alpha = 0.01, days = 3 }
"""


def area(page: Browser, name: str) -> str:
    """What a text area holds."""
    found = re.search(rf'<textarea[^>]*name="{name}"[^>]*>\n(.*?)</textarea>', page.html, re.DOTALL)
    assert found is not None, page.html
    return html.unescape(found[1])


def test_the_form_says_what_the_file_says(story: Story) -> None:
    page = browser(story)
    assert "Whom it reaches" in page.get("/campaigns/new")
    page.post("/campaigns/new", FORM)
    assert page.where == "/campaigns/offers/spring"
    assert "is kept as a draft" in page.follow()
    record = CampaignRecord.objects.get(name="offers/spring")
    assert record.author == "editor@example.com" and record.form == "toml"
    said = read_text("x", record.text, "").campaign
    assert said is not None and said == read_text("x", MEANT, "").campaign
    page.get("/campaigns/offers/spring/edit")
    assert area(page, "text") == area(page, "before") == record.text
    assert 'value="10.5"' in page.html and 'value="2026-03-09T09:30"' in page.html


def test_the_text_says_what_the_form_shows_and_its_comments_stay(story: Story) -> None:
    story.draft("# why so\nholdout = 5  # few\n")
    page = browser(story)
    page.get("/campaigns/spring/edit")
    text = area(page, "text")
    assert "# why so" in text and 'value="5"' in page.html
    unchanged = dict(FORM, title="Spring", include=["all"], holdout="5", when="now", canary="")
    unchanged |= dict.fromkeys(("hold_minutes", "canary_percent", "stop_complaint"), "")
    unchanged |= {"where": "", "days": "", "before": text, "text": text}
    changed = text.replace("holdout = 5", "holdout = 7")
    page.post("/campaigns/spring/edit", unchanged | {"text": changed.replace("\n", "\r\n")})
    assert CampaignRecord.objects.get().text == changed
    page.post("/campaigns/spring/edit", unchanged | {"holdout": "8", "text": text})
    assert CampaignRecord.objects.get().text == text.replace("holdout = 5", "holdout = 8")


def test_when_both_were_changed_the_author_says_which_counts(story: Story) -> None:
    story.draft()
    page = browser(story)
    page.get("/campaigns/spring/edit")
    before = area(page, "before")
    both = {"name": "spring", "title": "Mine", "before": before, "text": before + "holdout = 9\n"}
    assert "Which one counts" in page.post("/campaigns/spring/edit", both, 400)
    assert story.show().definition.title == "Spring"
    assert "holdout = 9" in area(page, "text")
    page.post("/campaigns/spring/edit", both | {"do": "form"}, 200)
    assert 'title = "Mine"' in area(page, "text") and "holdout" not in area(page, "text")
    page.post("/campaigns/spring/edit", both | {"do": "text"}, 200)
    assert 'value="9"' in page.html and 'value="Spring"' in page.html


def test_everything_wrong_is_told_in_its_place_and_nothing_is_kept(story: Story) -> None:
    page = browser(story)
    wrong = FORM | {"holdout": "many", "content": "nothing", "include": ["all", "gone"], "at": "x"}
    shown = page.post("/campaigns/new", wrong, 400)
    assert "It is not kept yet" in shown and "“holdout” is a number from 0 to 50" in shown
    assert 'value="many"' in page.html and 'value="gone" ' in page.html
    shown = page.post("/campaigns/new", wrong | {"holdout": "5"}, 400)
    assert "there is no segment “gone”" in shown and "there is no template “nothing”" in shown
    assert "“x” is not a date and time" in shown
    assert not CampaignRecord.objects.exists()


@pytest.mark.parametrize(
    ("name", "code"),
    [("", "campaign.name"), ("new", "campaign.name"), ("a/ b", "campaign.name")],
)
def test_names_that_cannot_be(story: Story, name: str, code: str) -> None:
    shown = browser(story).post("/campaigns/new", FORM | {"name": name}, 400)
    assert code in shown and not CampaignRecord.objects.exists()


def test_a_name_that_is_taken_is_not_written_over(story: Story) -> None:
    story.draft()
    assert "campaign.exists" in browser(story).post(
        "/campaigns/new", FORM | {"name": "spring"}, 400
    )
    assert story.show().definition.title == "Spring"


def test_it_is_counted_while_it_is_written(story: Story) -> None:
    page = browser(story)
    shown = page.post("/campaigns/step", FORM, 200)
    assert "0 people in its segments" in shown and "<html" not in page.html
    assert words_in(area(page, "text")) == words_in(written(words_in(MEANT)))
    assert "get a letter 18" in page.post("/campaigns/count", FORM, 200)
    assert "settle the findings" in page.post("/campaigns/count", {"name": "x"}, 400)
    before = area_of(page, FORM)
    text = before.replace("10.5", "20")
    page.post("/campaigns/step", FORM | {"before": before, "text": text}, 200)
    assert 'id="fields"' in page.html and 'value="20"' in page.html


def area_of(page: Browser, form: dict[str, Any]) -> str:
    page.post("/campaigns/step", form, 200)
    return area(page, "before")


def test_looking_keeps_nothing(story: Story) -> None:
    page = browser(story)
    shown = page.post("/campaigns/new", FORM | {"do": "look"}, 200)
    assert "get a letter 18" in shown and "holdout = 10.5" in area(page, "text")
    assert not CampaignRecord.objects.exists()


def test_what_leaves_is_not_edited_and_a_copy_is_a_new_one(story: Story) -> None:
    story.sending()
    page = browser(story)
    page.post("/campaigns/spring/edit", FORM)
    assert page.where == "/campaigns/spring"
    page.get("/campaigns/new?from=spring")
    assert area(page, "text") == CAMPAIGN and 'name="name" value=""' in page.html
    page.get("/campaigns/new?from=gone", 404)


def test_times_are_typed_in_the_zone_of_who_types(story: Story) -> None:
    page = browser(story)
    page.client.cookies["zone"] = "Europe/Berlin"
    form = FORM | {"name": "b", "at": "2026-07-01T09:00", "at_zone": "Europe/Berlin"}
    page.post("/campaigns/new", form)
    assert 'at = "2026-07-01 07:00"' in CampaignRecord.objects.get().text
    page.get("/campaigns/b/edit")
    assert 'value="2026-07-01T09:00"' in page.html
    page.client.cookies["zone"] = "Asia/Tokyo"
    page.get("/campaigns/b/edit")
    assert 'value="2026-07-01T16:00"' in page.html


@pytest.mark.parametrize("text", [MEANT, EVERYTHING, CAMPAIGN, ""])
def test_to_the_form_and_back_is_the_same(text: str) -> None:
    words = words_in(text)
    fields = fields_of(words)
    assert fields_of(words_of(fields, words)) == fields
    assert edited("a", fields, text, text, None).text == text
    again = words_of(fields, words)
    assert again == {key: one for key, one in words.items() if key in again}
    assert {*words} == {*again}


@pytest.mark.parametrize(
    "said", ["holdout=1e999&at=%00", "variant_content=a&variant_share=x", "stop_least=NaN&days=∞"]
)
def test_whatever_is_typed_is_told_not_crashed(story: Story, said: str) -> None:
    fields = posted(QueryDict(said), lambda at, zone: at)
    assert isinstance(fields, Fields)
    browser(story).post("/campaigns/step", dict(QueryDict(said).items()), 200)
    browser(story).post("/campaigns/new", dict(QueryDict(said).items()), 400)
