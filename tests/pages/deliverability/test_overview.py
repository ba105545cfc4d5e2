"""The light, and the rates beside their lines."""

import msgspec
from opened_shop import Shop
from pages.deliverability.mailing import happened, sent

from lettershop.app.deliverability.gathering import situation
from lettershop.app.deliverability.judging import judged
from lettershop.app.deliverability.light import light
from lettershop.app.deliverability.rates import rates
from lettershop.model.clock import DAY, HOUR


def codes(shop: Shop) -> dict[str, str]:
    with shop.engine.read() as workspace:
        return {
            f"{one.code} {one.about}": one.colour
            for one in light(situation(shop.running, workspace)).reasons
        }


def test_a_new_workspace_has_no_colour_and_says_what_to_do(shop: Shop) -> None:
    page = shop.client("viewer").get("/deliverability").content.decode()
    assert "Not known yet" in page and "No letter has left in 30 days" in page


def test_complaints_and_bounces_are_of_the_letters_they_are_about(shop: Shop) -> None:
    rows = sent(shop, "spring", 400)
    sent(shop, "refused", 10, state="refused", bounce_class="dead", provider="gmx")
    sent(shop, "full", 5, state="refused", bounce_class="full", provider="gmx")
    sent(shop, "test", 50, kind="test")
    old = sent(shop, "old", 100, ago=60 * DAY)
    happened(shop, "Email Marked as Spam", [*rows[:2], old[0], 10**9], ago=HOUR)
    happened(shop, "Email Bounced", rows[2:5], bounce_class="policy", fault="ours")
    happened(shop, "Email Bounced", rows[5:6], bounce_class="full", fault="theirs")
    happened(shop, "Email Bounced", rows[6:7], bounce_class="dead", during="sending")
    with shop.engine.read() as workspace:
        came = rates(workspace.store, shop.clock.now())
    found = came.total
    assert (found.tried, found.accepted) == (415, 400)
    assert (found.bounced, found.ours) == (13, 3)
    assert found.complained == 3  # of an old letter, too: they complain now
    assert came.providers["gmx"].bounced == 10
    assert came.streams["marketing"] == found


def test_too_few_letters_say_nothing_and_many_say_it_surely(shop: Shop) -> None:
    assert judged(1, 20, "complaints").colour == "unknown"
    close, sure = judged(2, 1_000, "complaints"), judged(100, 10_000, "complaints")
    assert (close.colour, close.sure) == ("warn", False)
    assert (sure.colour, sure.sure) == ("bad", True)
    assert judged(0, 0, "bounces").share is None


def test_the_worst_reason_decides_the_light(shop: Shop) -> None:
    rows = sent(shop, "spring", 500)
    assert codes(shop) == {"complaints marketing": "good", "bounces marketing": "good"}
    happened(shop, "Email Marked as Spam", rows[:2])
    assert codes(shop)["complaints marketing"] == "bad"
    page = shop.client("viewer").get("/deliverability").content.decode()
    assert "Red" in page and "2 of 500" in page and "0.40%" in page and "<svg" in page


def test_letters_that_leave_want_domains_asked_and_bounces_taken_in(shop: Shop) -> None:
    shop.engine.workspace.settings = msgspec.structs.replace(
        shop.engine.workspace.settings, smtp="mx://mail.example.com", sender="S <s@example.com>"
    )
    found = codes(shop)
    assert found == {"returns ": "warn", "domain.unasked example.com": "warn"}


def test_german(shop: Shop) -> None:
    sent(shop, "spring", 200)
    client = shop.client("viewer", headers={"Accept-Language": "de"})
    page = client.get("/deliverability").content.decode()
    assert "Zustellbarkeit" in page and "0,00\xa0%" in page


def test_bounces_by_class_and_what_was_said(shop: Shop) -> None:
    rows = sent(shop, "spring", 30)
    said = {"text": "mailbox <a@b.example> not found 8A61234567", "bounce_class": "dead"}
    happened(shop, "Email Bounced", rows[:3], **said)
    again = said | {"text": "mailbox <c@d.example> not found 9B71234567"}
    happened(shop, "Email Bounced", rows[3:5], ago=3 * DAY, **again)
    happened(shop, "Email Bounced", rows[6:7], ago=20 * DAY, bounce_class="policy")
    happened(shop, "Email Bounced", rows[7:8], type="Soft")
    page = shop.client("viewer").get("/deliverability/bounces").content.decode()
    assert "the address does not exist" in page and "refused for what we are or do" in page
    assert "soft, as another system told" in page
    assert "mailbox … not found …" in page and "theirs: 5" in page
    week = shop.client("viewer").get("/deliverability/bounces?days=7").content.decode()
    assert "refused for what we are or do" not in week
    assert shop.client("viewer").get("/deliverability/bounces?days=%00x").status_code == 200


def test_what_servers_say_is_text(shop: Shop) -> None:
    rows = sent(shop, "spring", 3)
    happened(shop, "Email Bounced", rows, text="<script>alert(1)</script> no", bounce_class="dead")
    page = shop.client("viewer").get("/deliverability/bounces").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)" in page
