"""Everybody's letter is rendered and counted once; what is wrong is said in numbers."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, seed as seeded, settings, strategies as st
from seeds import seed
from small_letter import FALLBACK, LINK, SmallLetter, Somebody, a_template

from lettershop.content.letter import Broken, Values
from lettershop.content.proof.noticed import FINDINGS
from lettershop.content.proof.runner import prove
from lettershop.content.proof.said import LetterFindingAnswer, Proof
from lettershop.content.template import Policy, Skip
from lettershop.model.errors import Finding, Span

Person = Mapping[str, Any]


def person(name: str | None = "Ann", plan: str = "pro", deals: int = 2, **more: Any) -> Person:
    contact: dict[str, Any] = {"plan": plan} | ({} if name is None else {"first_name": name})
    contact |= {key: more.pop(key) for key in ("subject",) if key in more}
    deals_ = [{"name": f"Deal {n}"} for n in range(deals)]
    return {"contact": contact, "deals": deals_, "unsubscribe_url": LINK, "shown": 0} | more


def fed(people: Sequence[Person]) -> Iterator[tuple[Somebody, Values, Sequence[int]]]:
    for index, one in enumerate(people):
        values = {
            key: value for key, value in one.items() if key not in ("shown", "language", "account")
        }
        who = Somebody(f"p{index}", one.get("account", -1), one.get("language"))
        yield who, values, [one["shown"]]


def proved(people: Sequence[Person], policy: Policy | None = FALLBACK, **options: Any) -> Proof:
    letter = SmallLetter(a_template(policy))
    return prove({"": letter}, fed(people), total=len(people), **options)


def finding(proof: Proof, code: str) -> LetterFindingAnswer:
    (found,) = (one for one in proof.proved.findings if one.code == code)
    return found


def test_classes_are_told_by_what_tells_them_apart() -> None:
    people = [person(), person("Bo"), person(None), person("Cy", deals=1), person(shown=2)]
    found = proved(people).proved
    assert found.common == ('if contact.plan == "pro": yes',)
    assert [(one.count, one.words, one.examples) for one in found.classes] == [
        (2, ('block offers: 1st (plan = "pro")', "deals: several"), ("p0", "p1")),
        (
            1,
            (
                "first name missing → “colleague”",
                'block offers: 1st (plan = "pro")',
                "deals: several",
            ),
            ("p2",),
        ),
        (1, ('block offers: 1st (plan = "pro")', "deals: one"), ("p3",)),
        (1, ("block offers: default", "deals: several"), ("p4",)),
    ]
    counts = {(one.words, one.count) for one in found.outcomes}
    assert ("first name missing → “colleague”", 1) in counts
    assert ("with first name", 4) in counts
    assert found.findings == ()


def test_a_missing_name_without_a_policy_is_broken_and_named() -> None:
    proof = proved([person(), person(None), person(None)], None)
    counts = proof.proved.counts
    assert (counts.letters, counts.broken, counts.skipped) == (1, 2, 0)
    missing = finding(proof, "letter.missing")
    assert missing.message == "2 people: contact.first_name is missing"
    assert (missing.level, missing.line, missing.source) == ("error", 5, "content/news.html")
    assert missing.examples == ("p1", "p2")


def test_a_policy_that_skips_says_why() -> None:
    found = proved([person(), person(None)], Skip("no name known")).proved
    assert (found.counts.letters, found.counts.skipped) == (1, 1)
    assert [(skip.reason, skip.count, skip.examples) for skip in found.skips] == [
        ("no name known", 1, ("p1",))
    ]
    assert [(one.fate, one.reason) for one in found.classes] == [
        ("letter", ""),
        ("skipped", "no name known"),
    ]
    assert found.findings == ()


def test_an_empty_table_is_told_with_the_account_it_is_in() -> None:
    people = [*(person(deals=0, account=7) for _ in range(37)), person()]
    proof = proved(people, named=lambda ids: [{7: "Acme"}[n] for n in ids])
    empty = finding(proof, "letter.empty_loop")
    assert empty.message.startswith(
        "37 people in Acme get an empty place where “for deal in deals”"
    )
    assert (empty.level, empty.count, empty.all_accounts) == ("warning", 37, 1)
    assert sum(empty.classes.values()) == 37


def test_of_several_accounts_the_one_with_most_people_is_named() -> None:
    people = [person(deals=0, account=account) for account in (3, 3, 4, -1)]
    proof = proved(people, named=lambda ids: [f"A{n}" for n in ids])
    empty = finding(proof, "letter.empty_loop")
    assert empty.message.startswith("4 people (2 of them in A3) get an empty place")
    assert [(one.name, one.count) for one in empty.accounts] == [("A3", 2), ("A4", 1)]


@pytest.mark.parametrize(
    ("one", "code", "level", "said"),
    [
        (person(subject="  "), "letter.blank_subject", "error", "1 person gets a blank subject"),
        (person(unsubscribe_url=""), "letter.no_unsubscribe", "error", "1 person gets marketing"),
        (person("{{ name }}"), "letter.mark", "warning", "1 person gets a letter with “{{ … }}”"),
        (person("%%name%%"), "letter.mark", "warning", "1 person gets a letter with “%% … %%”"),
        (person("*|FNAME|*"), "letter.mark", "warning", "1 person gets a letter with “*| … |*”"),
        (person(" "), "letter.greeting", "warning", "1 person is greeted without a name (“Hi ,”)"),
        (person(subject="Dear,"), "letter.greeting", "warning", "1 person is greeted without"),
        (person("null"), "letter.nothing_word", "warning", "1 person has “contact.first_name = n"),
        (
            {**person(), "deals": [{"name": "NaN"}]},
            "letter.nothing_word",
            "warning",
            "1 person has “deals[].name = NaN”, which is what programs write for nothing",
        ),
        (person("x" * 110_000), "letter.too_large", "warning", "1 person gets more than 102 kB"),
        (person("é" * 55_000), "letter.too_large", "warning", "1 person gets more than 102 kB"),
        (person(explode=True), "letter.crashed", "error", "1 person has a letter that failed"),
    ],
)
def test_what_is_wrong_with_a_finished_letter(
    one: Person, code: str, level: str, said: str
) -> None:
    proof = proved([person(), one])
    found = finding(proof, code)
    assert (found.level, found.count, found.examples) == (level, 1, ("p1",))
    assert found.message.startswith(said)
    assert len(proof.proved.findings) == 1


@pytest.mark.parametrize(
    "name",
    [
        "Null",
        "None Such",
        "Jean [fr]",
        "100 %",
        "50%% off 20",
        "A & B",
        "{x}",
        "O'Neil , Jr",
        "Nil",
    ],
)
def test_odd_names_are_no_false_alarm(name: str) -> None:
    assert proved([person(name)]).proved.findings == ()


def test_a_mark_in_the_template_is_in_everybodys_letter() -> None:
    class Unfinished(SmallLetter):
        def render(self, values: Values, shown: Sequence[int] = ()) -> Any:
            made: Any = super().render(values, shown)
            return type(made)(made.subject, "", made.html + "%%city%%", made.text, made.outcomes)

    people = [person(), person("Bo"), person(None), person("Cy")]
    found = prove({"": Unfinished(a_template())}, fed(people), total=4)
    assert finding(found, "letter.mark").count == 4


def test_a_letter_that_is_not_marketing_needs_no_link() -> None:
    letter = SmallLetter(a_template(stream="transactional"))
    people = [person(unsubscribe_url="")]
    assert prove({"": letter}, fed(people), total=1).proved.findings == ()


def test_everybody_gets_the_variant_of_their_language() -> None:
    template = a_template(languages=["de"])
    letters = {"": SmallLetter(template), "de": SmallLetter(template, "de")}
    people = [person(language=language) for language in (None, "de", "de-AT", "fr", "DE")]
    found = prove(letters, fed(people), total=5).proved
    assert Counter({one.language: one.count for one in found.classes}) == {"de": 3, "": 2}


def test_a_cancelled_proof_says_what_it_saw() -> None:
    told: list[int] = []
    found = proved(
        [person()] * 2_000, progress=told.append, cancelled=lambda: len(told) >= 2
    ).proved
    assert told == [500, 1_000]
    assert (found.counts.cancelled, found.counts.done, found.counts.total) == (True, 1_000, 2_000)
    assert found.classes[0].count == 1_000


def test_who_cancels_after_the_last_letter_cancels_nothing() -> None:
    found = proved([person()] * 1_000, cancelled=lambda: True, progress=lambda done: None)
    assert found.proved.counts.done == 500
    assert not proved([person()] * 500, cancelled=lambda: True).proved.counts.cancelled


def test_more_classes_than_can_be_told_are_counted_all_the_same() -> None:
    people = [person("Ann", plan, deals, shown=shown) for plan in ("pro", "free")
              for deals in range(3) for shown in range(3)]  # fmt: skip
    whole, part = proved(people).proved, proved(people, most=5).proved
    assert (whole.counts.classes, whole.counts.beyond) == (18, 0)
    assert (part.counts.classes, part.counts.beyond, part.counts.letters) == (5, 13, 18)
    assert part.outcomes == whole.outcomes
    assert part.common == ()  # what is so of the five need not be so of the others
    empty, all_empty = (finding(proved(people, most=n), "letter.empty_loop") for n in (5, 99))
    assert (empty.count, all_empty.count) == (6, 6)
    assert empty.elsewhere + sum(empty.classes.values()) == 6 > sum(empty.classes.values())


def test_more_findings_than_can_be_told_are_counted_together() -> None:
    class Shaky(SmallLetter):
        def render(self, values: Values, shown: Sequence[int] = ()) -> Any:
            place = Span(values["n"], values["n"] + 1, 1, values["n"])
            return Broken((Finding("letter.filter", "it failed", span=place),) * 2, 0)

    people = [{"n": n, "shown": 0} for n in range(FINDINGS + 100)]
    found = prove({"": Shaky(a_template())}, fed(people), total=len(people)).proved
    assert len(found.findings) == FINDINGS + 1
    assert (found.findings[0].about, found.findings[0].count) == ("others", 100)
    assert sum(one.count for one in found.findings) == found.counts.broken == FINDINGS + 100


def test_a_class_keeps_its_id_when_the_template_moves_its_bits() -> None:
    class Shifted(SmallLetter):
        def __init__(self) -> None:
            super().__init__(a_template())
            self.outcomes = tuple(reversed(self.outcomes))

        def render(self, values: Values, shown: Sequence[int] = ()) -> Any:
            made: Any = super().render(values, shown)
            bits = sum(1 << 9 - bit for bit in range(10) if made.outcomes >> bit & 1)
            return type(made)(made.subject, made.preheader, made.html, made.text, bits)

    people = [person(), person(None), person(deals=0)]
    moved = prove({"": Shifted()}, fed(people), total=3).proved
    assert [one.id for one in moved.classes] == [one.id for one in proved(people).proved.classes]


PEOPLE = st.lists(
    st.builds(
        person,
        st.sampled_from([None, "Ann", "Bo", " ", "null", "{{ x }}"]),
        st.sampled_from(["pro", "free"]),
        st.integers(0, 3),
        shown=st.integers(0, 2),
        language=st.sampled_from([None, "de", "de-CH", "fr"]),
    )
    | st.just({"explode": True, "shown": 0}),
    max_size=30,
)


@seeded(seed())
@settings(max_examples=150, deadline=None, database=None)
@given(PEOPLE, st.sampled_from([None, FALLBACK, Skip("no name")]), st.integers(0, 8))
def test_everybody_is_in_exactly_one_class(
    people: list[Person], policy: Policy | None, most: int
) -> None:
    template = a_template(policy, languages=["de"])
    letters = {"": SmallLetter(template), "de": SmallLetter(template, "de")}
    found = prove(letters, fed(people), total=len(people), most=most).proved
    counts = found.counts
    assert counts.letters + counts.skipped + counts.broken == counts.done == len(people)
    assert sum(one.count for one in found.classes) + counts.beyond == len(people)
    assert len({one.id for one in found.classes}) == len(found.classes) <= most
    assert sum(skip.count for skip in found.skips) == counts.skipped
    obvious = Counter(
        type(letters["de" if (one.get("language") or "")[:2] == "de" else ""].render(values, shown)
             ).__name__ if "explode" not in one else "Broken"
        for one, (_, values, shown) in zip(people, fed(people), strict=True)
    )  # fmt: skip
    assert (obvious["Rendered"], obvious["Skipped"], obvious["Broken"]) == (
        counts.letters,
        counts.skipped,
        counts.broken,
    )
    for one in found.findings:
        assert sum(one.classes.values()) + one.elsewhere == one.count
    by_bit = Counter((one.language, one.kind, one.name) for one in found.outcomes if one.count)
    assert by_bit.keys() <= {(v.language, o.kind, o.name) for v in template.variants
                             for o in letters[v.language].outcomes}  # fmt: skip
