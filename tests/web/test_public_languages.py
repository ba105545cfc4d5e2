"""What recipients read, in their language: chosen, or the letter's, or the browser's."""

import re
from collections.abc import Iterator

import msgspec
import pytest
from django.utils.html import escape
from letter_pages import ANN, LEAVE, World
from opened_shop import Shop

from lettershop.delivery.tracking.parties import Addressee
from lettershop.web.public.parties import set_public
from lettershop.web.public.shown import WORDS


@pytest.fixture
def world(shop: Shop) -> Iterator[World]:
    try:
        yield World(shop)
    finally:
        set_public(None)


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("it, de;q=0.3, en;q=0.2", "de"),
        ("en, de", "en"),
        ("de;q=0, en;q=0.1", "en"),
        ("de;q=0.5, en;q=0.7", "en"),
        ("de;q=oops", "en"),
        ("", "en"),
        ("x" * 5000, "en"),
    ],
)
def test_pages_are_in_the_readers_language(world: World, header: str, language: str) -> None:
    answer = world.client.get(LEAVE, headers={"Accept-Language": header})
    assert answer["Content-Language"] == language
    assert f'<html lang="{language}">' in answer.content.decode()


def test_every_language_says_everything() -> None:
    assert set(WORDS) == {"en", "de", "ru", "id", "es", "fr"}
    assert len({tuple(sorted(words)) for words in WORDS.values()}) == 1
    for key, english in WORDS["en"].items():
        fields = {tuple(re.findall(r"{.*?}", words[key])) for words in WORDS.values()}
        assert fields == {tuple(re.findall(r"{.*?}", english))}, key
    for language, words in WORDS.items():
        assert all(text and text == text.strip() for text in words.values()), language
        same = {key for key, text in words.items() if text == WORDS["en"][key]}
        assert language == "en" or not same, (language, same)


@pytest.mark.parametrize("language", WORDS)
def test_every_page_speaks_every_language(world: World, language: str) -> None:
    chosen, words = {"language": language}, WORDS[language]
    shown = {LEAVE: "leave_button", LEAVE + "/topics": "topics_button", "/u/AAAA": "lost_title"}
    for path, key in shown.items():
        answer = world.client.get(path, chosen)
        page = answer.content.decode()
        assert answer["Content-Language"] == language and f'<html lang="{language}">' in page
        assert escape(words[key]) in page and "{address}" not in page
        assert f'lang="{language}" hreflang="{language}" aria-current="true"' in page
    done = world.client.post(LEAVE, chosen | {"scope": "all"}).content.decode()
    assert escape(words["left_all"]) in done and escape(words["undo_button"]) in done
    assert f'name="language" value="{language}"' in done  # and so the next page is in it, too


def test_what_is_chosen_wins_over_the_letter_and_that_over_the_browser(world: World) -> None:
    russian = msgspec.structs.replace(ANN, language="ru")
    brazilian = msgspec.structs.replace(ANN, language="pt-BR")

    def spoken(who: Addressee, said: str = "") -> str:
        set_public(msgspec.structs.replace(world.parties, addressees=lambda rows: {7: who}))
        asked = {"language": said} if said else {}
        return world.client.get(LEAVE, asked, headers={"Accept-Language": "fr"})["Content-Language"]

    assert [spoken(ANN), spoken(russian), spoken(brazilian)] == ["fr", "ru", "fr"]
    assert [spoken(russian, "id"), spoken(russian, "tlh"), spoken(russian, "\0")] == [
        "id",
        "ru",
        "ru",
    ]


def test_the_switch_needs_no_script_and_keeps_the_letter(world: World) -> None:
    page = world.client.get(LEAVE + "/topics", {"language": "de"}).content.decode()
    for language, words in WORDS.items():
        assert f'<a href="?language={language}"' in page and words["name"] in page
    assert f'href="{LEAVE}?language=de"' in page and "<script" not in page
    assert "events-de" in page  # titles of topics, too


def test_a_choice_of_topics_can_be_taken_back(world: World) -> None:
    page = world.client.post(LEAVE + "/topics", {"topic": "offers"}).content.decode()
    assert world.wishes.wanted == {"events": False, "offers": True}
    [undo] = re.findall(r'<input type="hidden" name="topic" value="(\w+)">', page)
    world.client.post(LEAVE + "/topics", {"topic": undo})
    assert world.wishes.wanted == {"events": True, "offers": False}


def test_everything_can_be_left_from_the_topics(world: World) -> None:
    page = world.client.get(LEAVE + "/topics").content.decode()
    assert WORDS["en"]["all_button"] in page
    assert re.search(rf'action="{LEAVE}">[^/]*name="language"[^/]*name="scope" value="all"', page)
