"""Contacts and accounts that move to another time zone, and those that only repeat their own: no
reason to evaluate everything. Compared with the full evaluation after every step."""

from collections.abc import Iterator
from random import Random

import pytest
from engines.test_counted_values import FIRMS, PEOPLE, START, Shop, scenes

from lettershop.model.clock import DAY, HOUR
from lettershop.model.facts import AccountFact, AnyFact, ContactFact

TEXTS = (
    'did "Order" today',
    'did "Visit" on at least 2 different days within last 3 days',
    "renewal today",
    'did "Order" today then "Visit" within 2 days',
    "renewal within last 3 days",
)
ZONES = ("Asia/Tokyo", "America/New_York", "UTC", "nowhere", None)


def of_contact(shop: Shop, who: str, **traits: object) -> ContactFact:
    shop.number += 1
    return ContactFact(
        ts=shop.at, received_at=shop.at, message_id=f"m{shop.number}", contact=who, traits=traits
    )


def of_account(shop: Shop, firm: str, **traits: object) -> AccountFact:
    shop.number += 1
    return AccountFact(
        ts=shop.at, received_at=shop.at, message_id=f"m{shop.number}", account=firm, traits=traits
    )


def start(shop: Shop) -> list[AnyFact]:
    zones = [of_contact(shop, who, timezone="Asia/Tokyo") for who in PEOPLE[:3]]
    others = [of_contact(shop, who, timezone="America/New_York") for who in PEOPLE[3:5]]
    days = [of_contact(shop, who, renewal="2025-01-02") for who in PEOPLE[:8]]
    return [*zones, *others, *days, shop.member(PEOPLE[5], "acme"), shop.member(PEOPLE[0], "acme")]


def test_a_field_said_again_changes_nothing_and_another_only_its_own() -> None:
    text = 'did "Order" today'
    with Shop([text]) as shop:
        shop.at = START + 14 * HOUR
        order = shop.event("user:u5", "Order", START + 14 * HOUR)
        shop.refresh([*start(shop), of_account(shop, "acme", timezone="UTC"), order])
        shop.at += HOUR
        again = [of_contact(shop, who, timezone="Asia/Tokyo") for who in PEOPLE[:3]]
        people = shop.refresh(again)[f"contact: {text}"]
        assert len(people) == 1
        shop.at += HOUR  # in Tokyo it is the next day, and the firm of u5 is there now
        assert not shop.refresh([of_account(shop, "acme", timezone="Asia/Tokyo")])[
            f"contact: {text}"
        ]
        shop.at += 1
        back = of_contact(shop, "user:u5", timezone="UTC")
        assert shop.refresh([back])[f"contact: {text}"] == people
        assert shop.steps == 3


def moves(random: Random, shop: Shop) -> Iterator[list[AnyFact]]:
    scene = scenes(random, shop)
    yield [*next(scene), *start(shop)]
    for facts in scene:
        who, firm, zone = random.choice(PEOPLE), random.choice(FIRMS), random.choice(ZONES)
        if random.random() < 0.6:
            facts.append(of_contact(shop, who, timezone=zone))
        if random.random() < 0.3:
            facts.append(of_account(shop, firm, timezone=random.choice(ZONES)))
        yield facts


@pytest.mark.parametrize("seed", [2])
def test_whoever_moves(seed: int) -> None:
    with Shop(TEXTS) as shop:
        shop.at = START + DAY
        told = {len(m) for f in moves(Random(seed), shop) for m in shop.refresh(f).values()}
        assert shop.steps >= 8 and max(told) >= 4
