"""The sample company: the same for a seed, alive until its last day, dirty as real data is."""

from collections import Counter

from lettershop.demo.company import generate
from lettershop.model.clock import DAY, parse_instant
from lettershop.model.values import Missing, coerce

TODAY = parse_instant("2026-06-01T00:00Z")
SMALL = generate(200, today=TODAY)


def test_the_same_seed_and_day_make_the_same_company() -> None:
    assert list(generate(200, today=TODAY).facts()) == list(SMALL.facts())
    assert generate(200, today=TODAY, seed=8).contacts != SMALL.contacts


def test_its_size() -> None:
    identities = {fact.contact for fact in SMALL.contacts}
    assert len(identities) == 200
    assert len({fact.account for fact in SMALL.accounts}) == 20
    assert abs(len({e.message_id for e in SMALL.events}) - 6_000) < 60


def test_nothing_happens_after_today_or_arrives_before_it_happened() -> None:
    for fact in SMALL.facts():
        assert fact.ts <= fact.received_at <= TODAY
    assert min(f.ts for f in SMALL.facts()) > TODAY - 740 * DAY
    assert max(e.ts for e in SMALL.events) > TODAY - 2 * DAY


def test_blemishes_are_there_but_few() -> None:
    twice = [m for m, n in Counter(e.message_id for e in SMALL.events).items() if n > 1]
    late = [e for e in SMALL.events if e.received_at - e.ts > 3_600_000]
    assert 0 < len(twice) < 0.03 * len(SMALL.events)
    assert 0 < len(late) < 0.06 * len(SMALL.events)
    prices = [
        coerce(e.properties["price"], "number") for e in SMALL.events if "price" in e.properties
    ]
    wrong = [p for p in prices if isinstance(p, Missing)]
    assert 0 < len(wrong) < 0.06 * len(prices)
    titles = [f.traits["title"] for f in SMALL.contacts if "title" in f.traits]
    assert None in titles and any(t and t != t.strip() for t in titles)


def test_people_move_and_work_for_two() -> None:
    left = [m for m in SMALL.memberships if not m.joined]
    firms = Counter(m.contact for m in SMALL.memberships if m.joined)
    assert left and max(firms.values()) == 2
    everyone = {(m.contact, m.account) for m in SMALL.memberships if m.joined}
    assert all((m.contact, m.account) in everyone for m in left)
