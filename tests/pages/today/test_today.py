"""The first page of the morning: how it stands, what moved, what is wrong, what is to be done."""

from zoneinfo import ZoneInfo

import msgspec
import pytest
from opened_shop import Shop
from pages.deliverability.mailing import happened, known, sent

from lettershop.access.models import Token
from lettershop.access.tokens import create_token
from lettershop.app.backup import backup
from lettershop.app.publishing import Publisher
from lettershop.app.today.alarms import Alarm
from lettershop.app.today.days import last_days
from lettershop.app.today.growth import growth
from lettershop.app.today.mail import mail
from lettershop.app.today.moving import moments, moving
from lettershop.app.today.tasks import Task
from lettershop.app.today.today import Today, today
from lettershop.campaigns.models import CampaignRecord
from lettershop.delivery.models import Notice
from lettershop.engines.duckdb.refresh.refresher import Refresher
from lettershop.model.clock import DAY, HOUR, MINUTE, from_ms, parse_instant
from lettershop.planning.keep import Keep
from lettershop.segments.register import published

BERLIN = ZoneInfo("Europe/Berlin")
SEGMENT = '[[segment]]\nname = "all"\ntitle = "Everybody"\nwhere = \'everyone\'\n'


def seen(shop: Shop, role: str = "owner", zone: ZoneInfo = BERLIN) -> Today:
    with shop.engine.read() as workspace:
        return today(shop.running, workspace, shop.principal(role), zone)  # type: ignore[arg-type]


def alarms(shop: Shop) -> dict[str, Alarm]:
    return {one.code: one for one in seen(shop).alarms}


def tasks(shop: Shop, role: str = "owner") -> dict[str, Task]:
    return {one.code: one for one in seen(shop, role).tasks}


def publish(shop: Shop) -> None:
    (shop.path / "segments" / "all.toml").write_text(SEGMENT, "utf-8")
    with shop.engine.write() as workspace:
        Publisher(workspace, shop.principal("owner")).apply()


def refreshed(shop: Shop) -> None:
    """As the keeper does it."""
    keeps = [Keep(definition=p.definition, version=p.version) for p in published()]
    refresher = Refresher(shop.engine.workspace.settings)
    with shop.engine.write() as workspace:
        found = refresher.compute(workspace.store, keeps, shop.clock.now())
        refresher.persist(workspace.store, found)


def campaign(shop: Shop, name: str, state: str, **more: object) -> None:
    CampaignRecord.objects.create(
        name=name,
        form="json",
        text="{}",
        definition=f'{{"name":"{name}","title":"{name}!","include":["all"]}}',
        state=state,
        author="editor@example.com",
        created_at=shop.clock.now(),
        changed_at=shop.clock.now(),
        **more,
    )


def test_a_new_workspace_says_what_to_do_first(shop: Shop) -> None:
    page = shop.client("viewer").get("/").content.decode()
    assert "What to do first" in page and 'href="/sources"' in page
    assert "Nothing is wrong" in page and "No segment is kept current yet" in page
    known(shop, "ann")
    publish(shop)
    assert seen(shop).beginning == ()


def test_days_are_those_of_the_viewer(shop: Shop) -> None:
    now = parse_instant("2026-03-30T08:00Z")  # the day after clocks changed
    days = last_days(3, now, BERLIN)
    lengths = [(b - a) / HOUR for a, b in zip(days.starts, days.starts[1:], strict=False)]
    assert lengths == [24, 23]
    assert days.sums([days.starts[1] - 1, days.starts[1], now], [5, 7, 9]) == (5, 7, 9)
    assert from_ms(last_days(1, now, ZoneInfo("Asia/Kathmandu")).starts[0]).minute == 15


def test_contacts_and_how_many_are_new(shop: Shop) -> None:
    for name, ago in (("a", 0), ("b", 3 * DAY), ("c", 20 * DAY), ("d", 90 * DAY)):
        known(shop, name, ago=ago)
    with shop.engine.read() as workspace:
        found = growth(workspace.store, last_days(30, shop.clock.now(), BERLIN)).contacts
    assert (found.now, found.week, found.month) == (4, 2, 3)
    assert (found.days[0], found.days[-2], found.days[-1]) == (1, 3, 4)


def test_what_was_sent_and_what_came_back(shop: Shop) -> None:
    happened(shop, "Email Sent", [1, 2, 3], ago=DAY)
    happened(shop, "Email Sent", [4], ago=10 * DAY)
    happened(shop, "Email Link Clicked", [1], ago=HOUR, grade="human")
    happened(shop, "Email Link Clicked", [2], ago=HOUR, grade="machine")
    happened(shop, "Email Bounced", [3], bounce_class="auto_reply")
    with shop.engine.read() as workspace:
        found = mail(workspace.store, last_days(30, shop.clock.now(), BERLIN))
    assert (found.sent.week, found.sent.before, found.sent.month) == (3, 1, 4)
    assert (found.clicked.week, found.bounced.week) == (1, 0)
    page = shop.client("viewer").get("/").content.decode()
    assert "Clicks by humans" in page and "Complaints of spam" not in page


def test_segments_that_moved_most_from_the_kept_history(shop: Shop) -> None:
    known(shop, "a")
    publish(shop)
    refreshed(shop)
    shop.clock.advance(8 * DAY)
    for name in "bcd":
        known(shop, name)
    refreshed(shop)
    shop.clock.advance(HOUR)
    (one,) = seen(shop).moving.items
    assert (one.sizes, one.entered, one.left) == ((1, 1, 1, 1, 1, 1, 1, 4), 3, 0)
    assert (one.title, one.change, one.share) == ("Everybody", 3, 3.0)
    page = shop.client("viewer").get("/").content.decode()
    assert "3 entered, 0 left" in page and "hx-trigger" not in page.split('id="moving"')[1][:200]


def test_the_past_of_a_young_segment_is_worked_out_beside(shop: Shop) -> None:
    known(shop, "old", ago=30 * DAY)
    known(shop, "new", ago=2 * DAY + MINUTE)
    publish(shop)
    refreshed(shop)
    client = shop.client("viewer")
    first = client.get("/").content.decode()
    assert "is being worked out" in first and 'http-equiv="refresh"' in first
    shop.running.hindsight.wait(30)
    part = client.get("/today/moving").content.decode()
    assert "Everybody" in part and "every 2s" not in part and "<html" not in part
    (one,) = seen(shop).moving.items
    assert one.sizes == (1, 1, 1, 1, 1, 2, 2, 2) and one.entered is None


def test_moving_without_anything_kept(shop: Shop) -> None:
    with shop.engine.read() as workspace:
        assert moving(workspace.store, shop.clock.now()).kept == 0
    assert len(moments(0)) == 8


def test_alarms_say_since_when_and_where_it_is_mended(shop: Shop) -> None:
    rows = sent(shop, "spring", 200, ago=HOUR)
    happened(shop, "Email Bounced", rows[:20], ago=HOUR, bounce_class="dead")
    campaign(shop, "spring", "paused", stopped=True, reason="bounces: 20 of 200")
    shop.running.vitals.check("loader", lambda: "is 90 seconds behind")
    (shop.path / "segments" / "bad.toml").write_text('[[segment]]\nname = "bad"\n', "utf-8")
    found = alarms(shop)
    assert found["bounces"].values["share"] == pytest.approx(0.1)
    assert found["campaign.stopped"].address == "/campaigns/spring"
    assert found["server"].text == "is 90 seconds behind"
    assert found["segment.broken"].colour == "warn"
    page = shop.client("viewer").get("/").content.decode()
    assert "10.0% of the letters in “marketing” bounced" in page
    assert page.index("should be looked at") < page.index("in the folder cannot be used")


def test_a_feed_that_is_silent_and_refusals_beyond_the_usual(shop: Shop) -> None:
    for hour in range(0, 40, 2):
        happened(shop, "Signed In", [hour], ago=20 * DAY - hour * HOUR)
    refusals = (
        "INSERT INTO refusals SELECT i, 0, 0, 'site', $at, 'x', 'x', '', 'error'"
        " FROM range(30) t(i)"
    )
    with shop.engine.write() as workspace:
        workspace.store.con.execute(refusals, {"at": shop.clock.now() - HOUR})
    found = alarms(shop)
    assert found["feed.silent"].about == "Signed In"
    assert found["refusals"].values["today"] == 30


def test_what_waits_for_whom(shop: Shop) -> None:
    campaign(shop, "ready", "checked", checked_at=1)
    Notice.objects.create(
        row=1,
        send=1,
        kind="reply",
        of="1",
        at=shop.clock.now(),
        contact="user:b",
        mailbox="",
        why="",
    )
    sent(shop, "lost", 3, state="unknown")
    create_token("crm", "viewer", shop.principal("owner"))
    Token.objects.update(expires=from_ms(shop.clock.now() + DAY))
    found = tasks(shop)
    assert found["campaign.approve"].about == "ready!"
    assert found["notices"].values["number"] == 1
    assert found["unknown"].values["number"] == 3 and found["unknown"].address == "/campaigns/lost"
    assert found["token.ends"].due == shop.clock.now() + DAY
    assert "token.ends" not in tasks(shop, "editor")
    shop.engine.workspace.settings = msgspec.structs.replace(
        shop.engine.workspace.settings, second_approval=True
    )
    assert "campaign.other" in tasks(shop, "editor")  # its author
    assert "campaign.approve" in tasks(shop)


def test_a_backup_is_asked_for_until_there_is_one_and_when_it_is_old(shop: Shop) -> None:
    assert "backup.none" in tasks(shop)
    with shop.engine.read() as workspace:
        backup(workspace, "0")
    assert "backup.none" not in tasks(shop)
    made = max((shop.path / "data" / "backups").glob("*.tar")).stat().st_mtime_ns // 1_000_000
    shop.clock.at = made + 8 * DAY
    assert "backup.old" in alarms(shop)


def test_names_from_outside_are_text(shop: Shop) -> None:
    known(shop, "<img src=x onerror=alert(1)>")
    campaign(shop, "x", "paused", stopped=True, reason="<script>alert(2)</script>")
    page = shop.client("viewer").get("/").content.decode()
    assert "<script>alert(2)" not in page and "&lt;script&gt;alert(2)" in page


def test_german(shop: Shop) -> None:
    client = shop.client("viewer", headers={"Accept-Language": "de"})
    page = client.get("/").content.decode()
    assert "Die ersten Schritte" in page and "Montag, 2 März 2026" in page
