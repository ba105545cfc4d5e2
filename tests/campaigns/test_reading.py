"""Campaign files, right and wrong: everything that is wrong is told at once, with its place."""

from pathlib import PurePath

import pytest

from lettershop.campaigns.beside import Known, beside
from lettershop.campaigns.definition import Campaign, Canary, Comparison, Goal
from lettershop.campaigns.reading import Read, name_of, plain, read_json, read_text
from lettershop.campaigns.schedule import Moment, moment_of
from lettershop.compliance.policy import no_policy
from lettershop.compliance.rules import Policy, Purpose, Stream, Topic
from lettershop.model.catalog import Catalog, EventInfo, FieldInfo
from lettershop.model.clock import format_instant

WHOLE = """\
title = "Spring offers"
content = "destination-offers"
include = ["travellers/active", "customers"]
exclude = ["open-complaints"]
purpose = "newsletter"
topic = "offers"
at = "2026-12-01 09:00"
holdout = 10
hold_minutes = 10
canary = { percent = 5, minutes = 30 }
stop = { complaint = 0.1 }

[goal]
where = 'did "Order Completed" within last 14 days'
revenue = "total"
"""
ORDERS = EventInfo(
    name="Order Completed",
    table="e1",
    rows=3,
    properties={"total": FieldInfo(name="total", type="number", column="p1", known=3)},
)


def policy() -> Policy:
    usual = no_policy()
    purposes = {
        "newsletter": Purpose(name="newsletter", titles={}, basis="consent", stream="marketing"),
        "invoice": Purpose(name="invoice", titles={}, basis="contract", stream="transactional"),
    }
    topics = {"offers": Topic(name="offers", titles={}, stream="marketing")}
    streams = dict(usual.streams) | {"news": Stream(name="news")}
    return Policy(
        purposes=purposes,
        topics=topics,
        streams=streams,
        bought=frozenset(),
        countries=usual.countries,
        elsewhere=usual.elsewhere,
    )


KNOWN = Known(
    segments={
        "travellers/active": "person",
        "customers": "contact",
        "open-complaints": "contact",
        "firms": "account",
    },
    broken=["torn"],
    templates={"destination-offers": "marketing", "invoice": "transactional"},
    broken_templates=["unfinished"],
    policy=policy(),
    catalog=Catalog(events={"Order Completed": ORDERS}),
    zone="Europe/Berlin",
)


def judged(text: str) -> tuple[Campaign | None, list[str]]:
    """What became of it, and each finding as `line:column level code: message`."""
    read = read_text("spring", text, "campaigns/spring.toml")
    found = beside(read, KNOWN)
    return found, told(read)


def told(read: Read) -> list[str]:
    return [
        f"{one.span.line if one.span else 0}:{one.span.column if one.span else 0}"
        f" {one.level} {one.code}: {one.message}"
        for one in read.findings
    ]


def test_a_whole_campaign() -> None:
    found, findings = judged(WHOLE)
    assert findings == [] and found is not None
    assert found.name == "spring" and found.source == "campaigns/spring.toml"
    assert found.include == ("travellers/active", "customers")
    assert found.canary == Canary(percent=5, minutes=30) and found.holdout == 10
    assert (found.stop.complaint, found.stop.bounce) == (0.1, 5.0)
    assert found.goal is not None and found.goal.event == "Order Completed"
    assert [one.content for one in found.letters] == ["destination-offers"]


def test_the_least_there_is() -> None:
    found, findings = judged(
        'content = "destination-offers"\ninclude = "customers"\npurpose = "newsletter"\nat = ""\n'
    )
    assert findings == [] and found is not None and found.at == ""


def test_variants_to_compare() -> None:
    found, findings = judged(
        'include = ["customers"]\npurpose = "newsletter"\n'
        '[[variant]]\nname = "A"\ncontent = "destination-offers"\n'
        '[[variant]]\nname = "B"\ncontent = "destination-offers"\nshare = 3\n'
        '[compare]\nmeasure = "reply"\n'
    )
    assert findings == [] and found is not None
    assert [(one.name, one.share) for one in found.letters] == [("A", 1), ("B", 3)]
    assert found.compare == Comparison(measure="reply")


BASE = 'content = "destination-offers"\ninclude = ["customers"]\npurpose = "newsletter"\n'
WRONG: dict[str, str] = {
    'content = "x': "1:13 error campaign.toml: is not valid TOML",
    'include = ["customers"]': "1:1 error campaign.content: it says no content",
    'content = "destination-offers"': "error campaign.audience: it says nobody",
    BASE + 'variant = "A"': "4:1 error toml.wrong_type: “variant” is a list of tables",
    BASE + '[[variant]]\nname = "A"': "error campaign.content: “content” and “variant” exclude",
    BASE + "holdout = 80": "4:1 error toml.range: “holdout” is a number from 0 to 50",
    BASE + "hold_minutes = -1": "4:1 error toml.range",
    BASE + "canary = { percent = 0 }": "error toml.range: “percent”",
    BASE + 'unit = "acount"': "4:1 error toml.unknown_value: “unit” is one of contact, account",
    BASE + 'segments = ["a"]': "4:1 error toml.unknown_key: unknown key “segments”",
    BASE + 'exclude = ["customers"]': "error campaign.audience: “customers” is both included",
    BASE + 'exclude = ["custmers"]': "4:1 error campaign.segment: there is no segment “custmers”",
    BASE + 'exclude = ["torn"]': "4:1 error campaign.segment: the segment “torn” has errors",
    BASE + 'exclude = ["firms"]': "“firms” is a segment of accounts",
    BASE + 'stream = "marketin"': "4:1 error campaign.stream: there is no stream “marketin”",
    BASE + 'stream = "news"': "3:1 error campaign.purpose: “newsletter” is sent in the stream",
    BASE + 'topic = "ofers"': "4:1 error campaign.topic: there is no topic “ofers”",
    BASE + 'at = "soon"': "4:1 error campaign.at: “soon” is not a date and time",
    BASE + 'at = "2026-12-01"': "4:1 error campaign.at: “2026-12-01” is not a date and time",
    BASE + 'at = "2026-12-01 09:00Z"': "4:1 error campaign.at: the time says a zone",
    BASE + 'at = "2027-03-28 02:30"': "does not exist in Europe/Berlin",
    BASE + 'compare = { measure = "reply" }': "there are no variants to compare",
    BASE + "[goal]\nwhere = 'did'": "5:13 error language.incomplete",
    BASE + "[goal]\nwhere = 'in segment nobody'": "5:",
    BASE + '[goal]\nwhere = \'plan = "x"\'\nrevenue = "total"': "of which event is the revenue?",
    BASE + "[goal]\ndays = 3": "error toml.missing: “where” is missing",
    BASE.replace("destination-offers", "destination-ofers"): (
        "1:1 error campaign.template: there is no template “destination-ofers”"
    ),
    BASE.replace("destination-offers", "unfinished"): "the template “unfinished” has errors",
    BASE.replace("destination-offers", "invoice"): "“invoice” is a transactional letter",
    BASE.replace("newsletter", "newsleter"): "3:1 error campaign.purpose: there is no purpose",
    BASE.replace('purpose = "newsletter"', ""): "error campaign.purpose: it says no purpose",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_told_with_its_place(text: str) -> None:
    found, findings = judged(text)
    assert found is None
    assert any(WRONG[text] in one for one in findings), findings


def test_opens_are_never_compared() -> None:
    text = BASE.replace('content = "destination-offers"\n', "") + (
        '[[variant]]\nname = "A"\ncontent = "destination-offers"\n'
        '[[variant]]\nname = "A"\ncontent = "destination-offers"\n'
        '[compare]\nmeasure = "open"\nbaseline = 0.6\neffect = 0.6\n'
    )
    found, findings = judged(text)
    assert found is None and len(findings) == 3
    assert "another variant “A”" in findings[0]
    assert "machines open letters too" in findings[1]
    assert "baseline and effect together" in findings[2]


def test_everything_at_once() -> None:
    found, findings = judged('contents = 1\ninclude = [""]\nholdout = "x"\npixel = "yes"\n')
    assert found is None
    assert [one.split(" ")[2] for one in findings] == [
        "campaign.content:",
        "toml.unknown_key:",
        "toml.wrong_type:",
        "campaign.audience:",
        "toml.range:",
        "toml.wrong_type:",
    ]


WARNED: dict[str, str] = {
    BASE + 'at = "2026-10-25 02:30"': "is there twice in Europe/Berlin: the first one is meant",
    BASE + "[goal]\nwhere = 'plan is known'\nevent = \"Order Complete\"": "was never seen",
    BASE + '[goal]\nwhere = \'did "Order Completed"\'\nrevenue = "sum"': "never had a property",
}


@pytest.mark.parametrize("text", WARNED)
def test_what_is_only_odd_is_a_warning(text: str) -> None:
    read = read_text("spring", text, "campaigns/spring.toml")
    known = Known(
        segments=KNOWN.segments,
        templates=KNOWN.templates,
        policy=KNOWN.policy,
        zone=KNOWN.zone,
        catalog=Catalog(
            events=KNOWN.catalog.events if KNOWN.catalog else {},
            contact={"plan": FieldInfo(name="plan", type="text", column="f1", known=1)},
        ),
    )
    assert beside(read, known) is not None
    assert [one.level for one in read.findings] == ["warning"]
    assert WARNED[text] in read.findings[0].message


def test_json_says_the_same_words() -> None:
    said = {
        "title": "Spring offers",
        "content": "destination-offers",
        "include": ["customers"],
        "purpose": "newsletter",
        "holdout": 10.5,
        "goal": {"where": 'did "Order Completed"', "days": 7},
        "canary": None,
    }
    read = read_json("spring", said)
    found = beside(read, KNOWN)
    assert found is not None and found.holdout == 10.5
    assert found.goal == Goal(where='did "Order Completed"', days=7)
    wrong = read_json("spring", said | {"colour": "red", "holdout": 99})
    assert beside(wrong, KNOWN) is None
    assert {(one.code, one.span) for one in wrong.findings} == {
        ("toml.unknown_key", None),
        ("toml.range", None),
    }


@pytest.mark.parametrize("name", ["", " x", "a//b", "x" * 101, "a\nb", "a/ b", "\0"])
def test_names(name: str) -> None:
    read = read_text(name, BASE, "x.toml")
    assert read.campaign is None and [one.code for one in read.findings] == ["campaign.name"]


def test_names_of_files() -> None:
    assert name_of(PurePath("/shop/campaigns/spring/offers.toml")) == "spring/offers"
    assert name_of(PurePath("/elsewhere/offers.toml")) == "offers"


def test_hostile_texts() -> None:
    deep = "a = " + "[" * 5_000 + "]" * 5_000
    assert [one.code for one in read_text("x", deep, "x").findings] == ["campaign.toml"]
    large = read_text("x", "# " + "x" * 2_000_000, "x")
    assert [one.code for one in large.findings] == ["campaign.too_large"]
    assert read_text("x", "\ud800 = 1", "x").campaign is None
    assert plain({"a": [{"b": None}]}) == {"a": [{}]}


TIMES = {
    "2026-12-01 09:00": "2026-12-01T08:00Z",
    "2026-07-01T09:00": "2026-07-01T07:00Z",
    "2026-10-25 02:30": "2026-10-25T00:30Z",
    "2026-10-25 03:00": "2026-10-25T02:00Z",
}


@pytest.mark.parametrize("text", TIMES)
def test_local_times(text: str) -> None:
    found = moment_of(text, "Europe/Berlin")
    assert isinstance(found, Moment) and format_instant(found.at) == TIMES[text]
    assert found.twice == (text == "2026-10-25 02:30")
    assert moment_of("2027-03-28 02:00", "Europe/Berlin") == "skipped"
    assert moment_of("2027-03-28 03:00", "Europe/Berlin") == Moment(1806195600000)
