"""Finding people and reading their pages: everything known is there, and nothing of it runs."""

import re
from typing import Any

import pytest
from opened_shop import Shop
from pages.contacts.town import EVIL

ANN = "/contacts/user%3AU1"
EVIL_ONE = "/contacts/user%3Aa/b%20c"
TABS = ("story", "traits", "segments", "scores", "consent", "letters", "records", "identity")


def page(shop: Shop, address: str, **headers: Any) -> str:
    answer = shop.client("viewer").get(address, **headers)
    assert answer.status_code == 200, address
    return " ".join(re.sub(r"<[^>]*>", " ", answer.content.decode()).split())


def raw(shop: Shop, address: str) -> str:
    answer = shop.client("viewer").get(address)
    assert answer.status_code == 200, address
    return str(answer.content.decode())


@pytest.mark.parametrize("words", ["ann", "LEE an", "ann@example", "acme", "U1"])
def test_people_are_found_by_name_address_company_and_id(town: Shop, words: str) -> None:
    found = page(town, f"/contacts?q={words}")
    assert "Ann Lee" in found and "Acme Inc" in found and "Bo" not in found.split()
    assert 'href="/contacts/user%3AU1"' in raw(town, f"/contacts?q={words}")


def test_without_a_question_those_active_last_come_first(town: Shop) -> None:
    listed = raw(town, "/contacts")
    assert listed.index("Ann Lee") < listed.index("a/b%20c") < listed.index("bo@example.com")
    assert '<time datetime="2026-02-22T09:00:00Z"' in listed and "never" in listed


def test_lists_come_in_pages_that_miss_nobody(town: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lettershop.web.pages.contacts.lists.PAGE", 1)
    for start in ("/contacts", "/contacts?q=e"):
        seen, address = [], start
        for _ in range(3):
            content = raw(town, address)
            seen += re.findall(r'<td><a href="(/contacts/[^"]+)"', content)
            following = re.search(r'rel="next" href="([^"]+)"', content)
            if following is None:
                break
            address = "/contacts" + following[1].replace("&amp;", "&")
        assert sorted(seen) == sorted(set(seen))
        assert len(seen) == 3


def test_lists_are_narrowed_to_a_segment(town: Shop) -> None:
    rows = raw(town, "/contacts?segment=readers").partition('id="rows"')[2]
    assert "Ann Lee" in rows and "bo@example.com" not in rows
    assert "Acme Inc" in page(town, "/accounts?segment=big&q=acm")
    everybody = raw(town, "/contacts?segment=big")  # not of contacts: as if it were not said
    assert "bo@example.com" in everybody


def test_nobody_found_says_what_to_do(town: Shop) -> None:
    assert "Nobody found" in page(town, "/contacts?q=zebra")
    assert "No account found" in page(town, "/accounts?q=zebra")


def test_the_finder_shows_both_and_links(town: Shop) -> None:
    found = raw(town, "/contacts/found?q=ac")
    assert 'href="/accounts/acme"' in found and 'href="/contacts/user%3AU1"' in found
    assert "<html" not in found and "All contacts that fit" in found
    assert raw(town, "/contacts/found?q=").strip() == ""
    assert "Nobody found" in raw(town, "/contacts/found?q=zebra")


def test_the_head_says_who_it_is_and_whether_we_may_write(town: Shop) -> None:
    said = page(town, ANN)
    assert "Ann Lee" in said and "ann@example.com" in said and "Acme Inc (admin)" in said
    assert "no marketing may go" in said
    assert "there is no consent for “newsletter”" in said and "consent.none" in said
    assert "invoice : yes" in said


def test_the_timeline_tells_everything_and_can_be_narrowed(town: Shop) -> None:
    story = raw(town, ANN)
    for said in ("Page Viewed", "Entered readers", "deal D1", "Joined the account", "Traits"):
        assert said in story, said
    assert 'href="https://shop.example/rail" rel="noopener noreferrer nofollow"' in story
    events = page(town, ANN + "?kind=event")
    assert events.count("product Rail") == 3 and "deal D1" not in events
    assert "Entered readers" in page(town, ANN + "?kind=segment")
    assert page(town, ANN + "?name=deal&kind=record").count("deal D1") == 1
    assert "Nothing of this kind" in page(town, ANN + "?name=Nothing")


def test_a_long_timeline_comes_in_pages(town: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = _titles(raw(town, ANN))
    monkeypatch.setattr("lettershop.web.pages.contacts.tabs.PAGE", 2)
    seen, address = [], ANN
    for _ in range(20):
        content = raw(town, address)
        seen += _titles(content)
        following = re.search(r'rel="next" href="([^"]+)"', content)
        if following is None:
            break
        address = ANN + following[1].replace("&amp;", "&")
    assert sorted(seen) == sorted(whole) and len(seen) > 6


def _titles(content: str) -> list[str]:
    return re.findall(r'<div class="story-head"><span>(.*?)</time>', content)


def test_traits_have_their_history_and_origin(town: Shop) -> None:
    said = page(town, ANN + "?tab=traits")
    assert "plan text pro 1 earlier value free" in said
    assert "engagement number 70 " in said and "rules" in said
    assert "Change" not in page(town, ANN + "?tab=traits").partition("engagement")[2][:40]
    assert 'href="https://ann.example/x"' in raw(town, ANN + "?tab=traits")


def test_segments_have_reasons_and_absence_is_explained(town: Shop) -> None:
    said = page(town, ANN + "?tab=segments")
    assert "On the pro plan" in said and "Contacts whose plan is “pro”." in said
    assert "a new version" in said
    assert "Not in pros" in page(town, "/contacts/email%3Abo@example.com?tab=segments&why=pros")
    part = raw(town, "/explained/user%3AU1?why=pros")
    assert "In pros" in part and "<html" not in part
    assert "there is no segment" in raw(town, "/explained/user%3AU1?why=zebra")


def test_scores_are_taken_apart(town: Shop) -> None:
    said = page(town, ANN + "?tab=scores")
    assert "How warm score · engagement 70" in said
    assert "+40 of +40" in said and "+30 of +30 halved every 14 days" in said
    assert "Rail" in said and "+30 visits a new version" in said and "+40 pro" in said


def test_an_account_shows_people_health_records_and_segments(town: Shop) -> None:
    said = page(town, "/accounts/acme")
    assert "Ann Lee ann@example.com admin" in said and "1 person" in said
    assert "health 50" in said
    assert "won" in page(town, "/accounts/acme?tab=records")
    assert "big" in page(town, "/accounts/acme?tab=segments")
    assert "In big" in page(town, "/accounts/acme?tab=segments&why=big")
    assert "Page Viewed" in page(town, "/accounts/acme?tab=story")
    assert "in-use" in page(town, "/accounts/acme?tab=scores")
    assert "employees number 120" in page(town, "/accounts/acme?tab=traits")


def test_what_is_stored_never_runs(town: Shop) -> None:
    addresses = ["/contacts", "/contacts?q=img", "/contacts/found?q=img", "/accounts"]
    addresses += [f"{EVIL_ONE}?tab={tab}" for tab in TABS]
    addresses += [f"/accounts/{'%3C' + EVIL[1:]}?tab={tab}" for tab in ("people", "story")]
    addresses += ["/accounts/acme?tab=records", f"/contacts?q={EVIL}&segment={EVIL}"]
    shown = 0
    for address in addresses:
        content = raw(town, address)
        shown += "&lt;img src=x" in content
        assert "<img src=x" not in content and "<script>" not in content, address
        assert 'href="javascript:' not in content.lower(), address
        assert not re.search(r"<[^>]+\son\w+=", re.sub(r'"[^"]*"', '""', content)), address
    assert shown >= 6  # it was there to be shown


@pytest.mark.parametrize("path", ["/contacts", "/accounts", ANN, "/accounts/acme"])
def test_hostile_questions_are_answered_calmly(town: Shop, path: str) -> None:
    client = town.client("viewer")
    for said in ("\0", "x" * 9_000, "%F0%28%8C", "-1", "' OR 1=1"):
        whole = dict.fromkeys(("q", "segment", "cursor", "tab", "kind", "name", "anonymous"), said)
        assert client.get(path, whole).status_code == 200, said
    assert client.get(path, {"tab": "segments", "why": "\0" + "x" * 900}).status_code == 200


def test_nobody_is_404(town: Shop) -> None:
    client = town.client("viewer")
    for address in ("/contacts/zebra", "/contacts/user:%00", "/accounts/zebra", "/letters/7"):
        assert client.get(address).status_code == 404, address
    assert client.get("/letters/99999999999999999999999").status_code == 404
    assert client.get("/letters/7/frame").status_code == 404
