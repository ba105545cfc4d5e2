"""One address at a time: what a person would say about it."""

from collections.abc import Mapping

import pytest
from hypothesis import given, strategies as st

from lettershop.profile.hygiene.knowledge import Own, knowledge
from lettershop.profile.hygiene.slips import slip
from lettershop.profile.hygiene.verdict import Judge, verdict

OURS: Mapping[str, int] = {"initech.com": 50, "globexworld.de": 12, "acme1.com": 30, "gmaik.de": 4}


@pytest.mark.parametrize(
    ("typed", "state", "suggestion"),
    [
        # nothing to say
        ("ann@initech.com", "ok", None),
        ("Ann.Lee+news@Initech.COM", "ok", None),
        ("jörg@bücher.de", "ok", None),
        ("ann@xn--bcher-kva.de", "ok", None),
        ("ann@mail.initech.co.uk", "ok", None),
        ("ann@firm.example", "ok", None),
        # slips in the name of a frequent domain
        ("ann@gmial.com", "mistyped", "ann@gmail.com"),
        ("ann@gmaill.com", "mistyped", "ann@gmail.com"),
        ("ann@gmal.com", "mistyped", "ann@gmail.com"),
        ("ann@hotmial.com", "mistyped", "ann@hotmail.com"),
        ("ann@hotmaik.com", "mistyped", "ann@hotmail.com"),
        ("ann@yaho.co.uk", "mistyped", "ann@yahoo.co.uk"),
        ("ann@t-onlien.de", "mistyped", "ann@t-online.de"),
        # and in its ending
        ("ann@gmail.con", "mistyped", "ann@gmail.com"),
        ("ann@gmail.cmo", "mistyped", "ann@gmail.com"),
        ("ann@gmail.co", "mistyped", "ann@gmail.com"),
        ("ann@initech.con", "mistyped", "ann@initech.com"),
        ("ann@nobodyknows.con", "mistyped", "ann@nobodyknows.com"),
        ("ann@gamil.con", "mistyped", "ann@gmail.com"),
        ("ann@gmailcom", "mistyped", "ann@gmail.com"),
        # the workspace's own domains
        ("ann@intiech.com", "mistyped", "ann@initech.com"),
        ("ann@globexworl.de", "mistyped", "ann@globexworld.de"),
        # pasted or dictated
        ("  ann@initech.com ", "ok", None),
        ("mailto:ann@initech.com", "mistyped", "ann@initech.com"),
        ("Ann Lee <ann@gmial.com>", "mistyped", "ann@gmail.com"),
        ("ann@@initech.com", "mistyped", "ann@initech.com"),
        ("ann@initech,com", "mistyped", "ann@initech.com"),
        ("ann@initech..com", "mistyped", "ann@initech.com"),
        ("ann @initech.com", "mistyped", "ann@initech.com"),
        ("ann@initech.com.", "mistyped", "ann@initech.com"),
        ("ann (at) initech (dot) com", "mistyped", "ann@initech.com"),
        # real, though near
        ("ann@aon.com", "ok", None),
        ("ann@love.com", "ok", None),
        ("ann@mail.com", "ok", None),
        ("ann@cloud.com", "ok", None),
        ("ann@fmail.com", "ok", None),
        ("ann@initech.de", "ok", None),
        ("ann@acme2.com", "ok", None),
        ("ann@acme11.com", "ok", None),
        ("ann@gmaik.de", "ok", None),
        # no address, or one nobody has
        ("", "invalid", None),
        ("@", "invalid", None),
        ("ann", "invalid", None),
        ("ann@initech", "invalid", None),
        ("ann@initech.zzzz", "invalid", None),
        ("ann@printer.local", "invalid", None),
        ("ann@example.com", "invalid", None),
        ("ann@[127.0.0.1]", "invalid", None),
        ("ann lee@initech.com", "invalid", None),
        ("a" * 65 + "@initech.com", "invalid", None),
        ("ann@" + "a" * 300 + ".com", "invalid", None),
        # of a task
        ("info@initech.com", "role", None),
        ("No-Reply@initech.com", "role", None),
        ("buchhaltung@initech.com", "role", None),
        ("sales.emea@initech.com", "role", None),
        ("support2@initech.com", "role", None),
        ("info-de@initech.com", "role", None),
        ("info@gmail.com", "role", None),
        ("sales.anna@initech.com", "ok", None),
        ("anna.sales@initech.com", "ok", None),
        ("informatik.lee@initech.com", "ok", None),
        # to be thrown away
        ("ann@mailinator.com", "disposable", None),
        ("ann@inbox.mailinator.com", "disposable", None),
        ("info@mailinator.com", "disposable", None),
    ],
)
def test_an_address_by_itself(typed: str, state: str, suggestion: str | None) -> None:
    said = verdict(typed, OURS)
    assert (said.state, said.suggestion) == (state, suggestion)
    assert bool(said.reasons) == (state != "ok")


def test_a_verdict_says_all_it_knows() -> None:
    said = verdict("Info@GMAIL.com")
    assert (said.normalised, said.domain) == ("info@gmail.com", "gmail.com")
    assert said.role and said.free and not said.disposable
    assert [reason.code for reason in said.reasons] == ["address.role"]
    slipped = verdict("info@gmial.com")
    assert slipped.role and slipped.state == "mistyped" and slipped.normalised == "info@gmial.com"


def test_a_domain_many_use_is_no_slip_unless_the_meant_one_has_far_more() -> None:
    for counts, state in (
        ({"gmial.com": 2}, "mistyped"),
        ({"gmial.com": 3}, "disposable"),
        ({"gmaol.com": 3, "gmail.com": 300}, "ok"),
        ({"gmaol.com": 3, "gmail.com": 301}, "mistyped"),
        ({"intiech.com": 3, "initech.com": 10_000}, "ok"),
        ({"intiech.com": 2, "initech.com": 10}, "mistyped"),
        ({"intiech.com": 2, "initech.com": 9}, "ok"),
    ):
        domain = next(iter(counts))
        assert verdict(f"ann@{domain}", counts).state == state, counts


def test_between_two_that_could_be_meant_nobody_chooses() -> None:
    counts = {"northwest.com": 20, "northwset.com": 20}
    assert verdict("ann@northwets.com", counts).state == "mistyped"
    assert verdict("ann@northwes.com", {"northwest.com": 20, "northwess.com": 20}).state == "ok"


def test_a_workspace_has_its_own_words() -> None:
    own = Own(
        real=("gmaill.com",),
        company=("mail.com",),
        free=("stadtnetz.de",),
        disposable=("weg.de",),
        not_disposable=("mailinator.com",),
        role=("empfang-nord",),
        not_role=("hello",),
    )
    judge = Judge(knowledge(own))
    texts = {
        "ann@gmaill.com": "ok",
        "ann@weg.de": "disposable",
        "ann@mailinator.com": "ok",
        "empfang-nord@initech.com": "role",
        "hello@initech.com": "ok",
    }
    assert {text: judge.verdict(text).state for text in texts} == texts
    assert not judge.verdict("ann@mail.com").free and judge.verdict("ann@stadtnetz.de").free
    assert knowledge(own).stamp != knowledge().stamp
    assert knowledge(own).stamp == knowledge(Own(**_fields(own))).stamp


def _fields(own: Own) -> dict[str, tuple[str, ...]]:
    names = ("real", "company", "free", "disposable", "not_disposable", "role", "not_role")
    return {name: getattr(own, name) for name in names}


@pytest.mark.parametrize(
    ("typed", "meant", "kind"),
    [
        ("gmial", "gmail", "swapped"),
        ("gmaill", "gmail", "doubled"),
        ("yaho", "yahoo", "undoubled"),
        ("gmal", "gmail", "missing"),
        ("gmaiul", "gmail", "extra"),
        ("gmaik", "gmail", "neighbour"),
        ("gmaix", "gmail", None),
        ("gmails", "gmail", None),
        ("mail", "gmail", None),
        ("hmail", "gmail", None),
        ("gmail", "gmail", None),
        ("gimla", "gmail", None),
        ("", "g", None),
    ],
)
def test_kinds_of_slips(typed: str, meant: str, kind: str | None) -> None:
    assert slip(typed, meant) == kind


@given(st.text(max_size=60) | st.from_regex(r"[a-z.<>@ ,;]{1,30}@[a-z.@ ,]{1,30}", fullmatch=True))
def test_no_text_is_too_strange(text: str) -> None:
    said = verdict(text)
    assert said.address == text
    assert (said.suggestion is not None) == (said.state == "mistyped")
    if said.suggestion is not None:
        assert verdict(said.suggestion).state not in ("invalid", "mistyped")
