"""Real processes, each as on a machine of its own, killed and put to sleep at the worst moments:
what was acknowledged arrives, once; one leads at a time; recipients are answered all the while."""

import re
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest
from postgres import Postgres

from lettershop.access.users import create_user
from lettershop.cluster.leading import LEFT
from lettershop.cluster.processes import everyone
from lettershop.compliance.models import Suppression
from lettershop.delivery.tracking.tokens import Tokens
from tests.cluster.letters import letter
from tests.cluster.parties import SECRET, Party, Site, until

pytestmark = pytest.mark.xdist_group("cluster")
PASSWORD = "a long password for tests"


class Stream:
    """Events to several webs in turn, all the time; `taken`: how many were acknowledged. None is
    sent twice. `unsure`: nobody answered, so it may have been taken or not."""

    def __init__(self, site: Site, event: str, *webs: Party) -> None:
        self._site, self._event, self._webs = site, event, webs
        self.taken = self.unsure = self.refused = 0
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Stream":
        self._thread.start()
        return self

    def __exit__(self, *of: object) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        number = 0
        while not self._ending.wait(0.01):
            number += 1
            web = self._webs[number % len(self._webs)]
            status = self._site.track(web.url, self._event, number)
            self.taken += status == 200
            self.unsure += status == 0
            self.refused += status not in (0, 200)

    def more(self, count: int) -> None:
        wanted = self.taken + count
        until(lambda: self.taken >= wanted, lambda: f"{self.taken}")

    def all_there(self, site: Site, url: str) -> bool:
        found = site.count(url, self._event)
        assert found <= self.taken + self.unsure, "something arrived twice"
        return found >= self.taken


def test_a_leader_is_killed_and_a_web_and_nothing_acknowledged_is_lost(
    tmp_path: Path, postgres: Postgres
) -> None:
    site = Site(tmp_path, postgres, "killed")
    first, second, web, other = map(site.party, ("loader", "loader", "web", "web"))
    with first, second, web, other:
        until(lambda: first.ready() or second.ready(), first.log)
        leader, standby = (first, second) if first.ready() else (second, first)
        assert standby.ask("/readyz").json()["problems"] == {"facts": "standing by"}
        assert standby.ask("/login").status_code == 503
        until(lambda: site.track(web.url, "Ready", 1) == 200, web.log)
        until(lambda: site.track(other.url, "Ready", 2) == 200, other.log)
        with Stream(site, "Seen", web, other) as stream:
            stream.more(50)
            until(lambda: site.count(web.url, "Seen") > 20, leader.log)
            leader.kill()
            stream.more(20)  # nobody leads yet, or just now
            until(standby.ready, standby.log)
            stream.more(20)
            until(lambda: site.api(other.url, "/api/v1/me").status_code == 200, other.log)
            web.kill()
            time.sleep(0.5)
        assert stream.refused == 0
        until(lambda: stream.all_there(site, other.url), standby.log)
        assert site.count(other.url, "Ready") == 2
        time.sleep(1)
        assert stream.all_there(site, other.url)

        signs_in(site, other)
        with site.connected():
            seen = {(one.kind, one.host != "", one.leads, one.alive) for one in everyone()}
            assert ("loader", True, True, True) in seen and ("web", True, False, True) in seen
        assert standby.stop() == 0, standby.log()
        recipients_are_answered(site, other)


def signs_in(site: Site, web: Party) -> None:
    """Sessions and forms work as if the web served the pages itself."""
    with site.connected():
        create_user("ann@example.com", "owner", PASSWORD)
    with httpx.Client(base_url=web.url, trust_env=False, timeout=60) as browser:
        form = browser.get("/login")
        found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', form.text)
        assert found is not None
        said = {"email": "ann@example.com", "password": PASSWORD, "csrfmiddlewaretoken": found[1]}
        signed = browser.post("/login", data=said)
        assert (signed.status_code, signed.headers["location"]) == (302, "/")
        page = browser.get("/segments")
        assert page.status_code == 200 and "ann@example.com" in page.text
        assert browser.get("/static/nothing.css").status_code == 404
    with httpx.Client(base_url=web.url, trust_env=False, timeout=60) as stranger:
        assert stranger.get("/segments").headers["location"].startswith("/login"), "no cookie stays"


def recipients_are_answered(site: Site, web: Party) -> None:
    """And events taken, while nobody leads; people are told so."""
    page = web.ask("/segments", accept="text/html")
    until(lambda: web.ask("/segments").status_code == 503, web.log)
    page = web.ask("/segments", accept="text/html")
    assert page.status_code == 503 and int(page.headers["retry-after"]) > 0
    assert "nobody owns the facts" in page.text.lower()
    assert web.ask("/api/v1/me").json()["code"] == "cluster.no_leader"
    assert web.ready(), "it can do what it is there for"
    assert site.track(web.url, "Late", 1) == 200
    with site.connected():
        row = letter()
        token = Tokens(SECRET.encode("ascii")).sign("leave", row)
        shown = web.ask(f"/u/{token}")
        assert shown.status_code == 200 and "a…@example.com" in shown.text
        done = httpx.post(
            f"{web.url}/u/{token}", data={"List-Unsubscribe": "One-Click"}, trust_env=False
        )
        assert done.status_code == 200
        (kept,) = Suppression.objects.all()
        assert (kept.reason, kept.source) == ("unsubscribe", "one-click")
        assert web.ask("/u/nobody-signed-this").status_code == 404


def test_a_leader_that_slept_finds_another_in_its_place_and_ends(
    tmp_path: Path, postgres: Postgres
) -> None:
    """Stopped by SIGSTOP its sessions live on, so only its silence tells; woken up it must not do
    another thing. Its facts are old by then: when it is started again they come from the lake."""
    site = Site(tmp_path, postgres, "asleep")
    home = site.folder()
    sleeper, web = site.party("loader", home), site.party("web")
    with sleeper, web:
        until(sleeper.ready, sleeper.log)
        until(lambda: site.track(web.url, "Ready", 1) == 200, web.log)
        with site.party("loader") as standby:
            with Stream(site, "Seen", web) as stream:
                stream.more(30)
                until(lambda: site.count(web.url, "Seen") > 10, sleeper.log)
                sleeper.signal(signal.SIGSTOP)
                until(standby.ready, standby.log)
                sleeper.signal(signal.SIGCONT)
                assert sleeper.process.wait(20) == LEFT
                stream.more(10)
            until(lambda: stream.all_there(site, web.url), standby.log)
            assert stream.refused == 0
            with site.party("loader", home) as again:
                standby.kill()
                until(again.ready, again.log)
                until(lambda: stream.all_there(site, web.url), again.log)
                assert (home / "data" / "facts.superseded.duckdb").exists()
                assert site.count(web.url, "Ready") == 1
                assert again.stop() == 0
