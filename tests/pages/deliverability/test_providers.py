"""Providers as the shaper sees them, and streams as consent.toml says them."""

import msgspec
from opened_shop import Shop
from pages.deliverability.mailing import sent

from lettershop.app.deliverability.pools import PoolAnswer, pools
from lettershop.model.clock import HOUR, MINUTE

TSS04 = "[TSS04] Messages from 192.0.2.7 temporarily deferred due to unexpected volume"


def direct(shop: Shop, **said: str) -> None:
    settings = msgspec.structs.replace(
        shop.engine.workspace.settings, smtp="mx://mail.example.com", **said
    )
    shop.engine.workspace.settings = settings


def pool(shop: Shop, name: str) -> PoolAnswer:
    found = pools(shop.path, shop.engine.workspace.settings, shop.clock.now())
    return next(one for one in found.items if one.name == name)


def deferred(shop: Shop, ago: int) -> None:
    sent(
        shop,
        "b",
        3,
        provider="yahoo",
        state="deferred",
        ago=ago,
        code=421,
        status="4.7.0",
        text=TSS04,
        send_state="sending",
    )


def test_a_provider_that_minds_is_paused_and_then_slowly_gets_more(shop: Shop) -> None:
    direct(shop)
    sent(shop, "a", 7, provider="yahoo", ago=30 * MINUTE)
    deferred(shop, MINUTE)
    found = pool(shop, "yahoo")
    assert (found.hour, found.waiting, found.put_off, found.connections) == (7, 3, 3, 0)
    assert found.paused_until is not None and found.answered is not None
    assert found.answered.text == TSS04
    page = shop.client("viewer").get("/deliverability/providers").content.decode()
    assert "paused" in page and TSS04 in page and "421 4.7.0" in page
    shop.clock.at = found.paused_until + 1
    later = pool(shop, "yahoo")
    assert later.paused_until is None and 0 < later.connections < found.provider.connections


def test_all_letters_are_one_pool_of_a_smart_host(shop: Shop) -> None:
    sent(shop, "a", 2, provider="yahoo", ago=HOUR)
    sent(shop, "b", 3, provider="gmx", ago=HOUR)
    assert pool(shop, "").today == 5


def test_the_warm_up_plan_says_day_and_limit(shop: Shop) -> None:
    direct(shop, warm_up="careful 2026-03-01")
    sent(shop, "a", 2, provider="gmx", ago=HOUR)
    found = pool(shop, "gmx")
    assert found.day == 2 and found.limit is not None and not found.full
    page = shop.client("viewer").get("/deliverability/providers").content.decode()
    assert "day 2" in page


def test_a_setting_that_cannot_be_read_is_told_not_raised(shop: Shop) -> None:
    direct(shop, warm_up="quickly")
    page = shop.client("viewer").get("/deliverability/providers").content.decode()
    assert "is not a warm-up plan" in page


def test_streams_with_purposes_caps_and_volume(shop: Shop) -> None:
    (shop.path / "consent.toml").write_text(
        '[purpose.news]\ntitle = "News"\nbasis = "consent"\n'
        "[stream.marketing]\ncaps = [{ letters = 3, days = 7 }]\n"
        '[stream.marketing.quiet]\nfrom = "20:00"\nuntil = "08:00"\n',
        "utf-8",
    )
    sent(shop, "a", 4)
    sent(shop, "b", 2, stream="gone")
    page = shop.client("viewer").get("/deliverability/streams").content.decode()
    assert "3 letters in 7 days" in page and "20:00–08:00" in page and "News" in page
    assert "not in consent.toml" in page
