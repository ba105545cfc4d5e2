"""The lists are sound, and following them does no harm."""

import random
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from disposable_email_domains import blocklist
from publicsuffixlist import PSLFILE, PublicSuffixList

from lettershop.language import parse, sentence
from lettershop.language.definition import Definition
from lettershop.model.errors import DefinitionError, InputError
from lettershop.profile.hygiene.evidence import definitions, evidence, labels
from lettershop.profile.hygiene.knowledge import Own, Rule, knowledge, packaged
from lettershop.profile.hygiene.states import ADVICE, STATES
from lettershop.profile.hygiene.verdict import Judge

ENDINGS = PublicSuffixList(accept_unknown=False)
KEYS = "qwertyuiop asdfghjkl zxcvbnm"


def test_lists_are_in_lower_case_and_say_nothing_twice() -> None:
    for name in ("mail_domains", "roles"):
        for group, said in packaged(name).items():
            texts = list(said)
            assert texts == [text.strip().lower() for text in texts], group
            assert len(texts) == len(set(texts)), group


def test_frequent_domains_are_domains() -> None:
    said = packaged("mail_domains")
    known = [*said["free"], *said["real"], *said["placeholder"]]
    assert [d for d in known if ENDINGS.privatesuffix(d) is None] == []
    assert set(said["mistyped"]) <= set(said["free"])
    assert set(said["real"]) & set(said["free"]) == set()


def test_endings_are_corrected_only_where_none_is_there() -> None:
    said = packaged("mail_domains")
    assert [e for e in said["endings"] if ENDINGS.publicsuffix(f"x.{e}")] == []
    assert [e for e in said["slips"] if not ENDINGS.publicsuffix(f"x.{e}")] == []
    meant = {*said["endings"].values(), *said["slips"].values()}
    assert [e for e in meant if not ENDINGS.publicsuffix(f"x.{e}")] == []
    assert [
        e
        for e in said["unreachable"]
        if ENDINGS.publicsuffix(f"x.{e}") not in (None, "arpa", "onion")
    ] == []


def test_the_mailboxes_of_rfc_2142_are_roles() -> None:
    standard = "info marketing sales support abuse noc security postmaster hostmaster webmaster www"
    assert set(standard.split()) <= knowledge().roles


def test_every_state_has_advice() -> None:
    assert set(ADVICE) == set(STATES)


def test_evidence_is_said_in_the_segment_language() -> None:
    assert [d.name for d in definitions()] == [*labels()]
    for definition in definitions():
        assert definition.name.startswith("trait:address/")
        assert sentence(parse(definition.text).tree, definition.subject).endswith(".")
    assert {rule.state for rule in evidence()} == {"outdated", "unengaged"}


def test_a_workspace_changes_the_evidence() -> None:
    own = Own(left=Rule(off=True), unengaged=Rule(when='did "Ignored"'))
    by_name: dict[str, Definition] = {d.name: d for d in definitions(own)}
    assert "trait:address/left" not in by_name
    assert by_name["trait:address/unengaged"].text == 'did "Ignored"'
    with pytest.raises(InputError, match="not a state that facts can give"):
        evidence(Own(left=Rule(state="gone")))
    with pytest.raises(DefinitionError, match=r"addresses.toml: left.when"):
        evidence(Own(left=Rule(when='did "')))


# --- how good it is -----------------------------------------------------------------------------


def corrected(domains: Iterator[str] | list[str]) -> tuple[int, list[str]]:
    """How many there are, and those that are corrected."""
    judge = Judge()
    free = knowledge().free
    asked = [domain for domain in domains if domain not in free]
    return len(asked), [d for d in asked if judge.verdict(f"ann.lee@{d}").state == "mistyped"]


def test_no_domain_of_the_public_suffix_list_is_corrected() -> None:
    """9,000 real names, most of them of companies that let others register below theirs."""
    rules = (rule.lstrip("*!.") for rule in _public_rules())
    asked, wrong = corrected([rule for rule in rules if "." in rule and rule.isascii()])
    assert asked > 5_000
    assert wrong == []


def test_hardly_a_disposable_domain_is_corrected() -> None:
    """Some of them lie in wait for slips (gmial.com): whoever types these means the other."""
    asked, wrong = corrected(sorted(blocklist))
    assert asked > 5_000
    assert set(wrong) <= {
        "gmial.com",
        "hotmai.com",
        "hotmial.com",
        "gmai.com",
        "hotmil.com",
        "gmal.com",
    }


def test_no_free_provider_is_corrected_when_its_own_entry_is_taken_away() -> None:
    """Each entry once hidden: the others alone must not make a slip of it."""
    free = knowledge().free
    wrong = []
    for domain in sorted(free - set(knowledge().mistyped)):
        judge = Judge(msgspec.structs.replace(knowledge(), free=free - {domain}))
        said = judge.verdict(f"ann.lee@{domain}")
        wrong += [(domain, said.suggestion)] if said.state == "mistyped" else []
    assert wrong == []


def test_most_slips_of_the_hand_are_found_and_hardly_one_corrected_wrongly() -> None:
    """Made by rule, seeded: swapped, doubled, left out, a key beside; endings. Slips in the first
    letter and far keys are left alone on purpose, so not all can be found."""
    judge, chance = Judge(), random.Random(7)
    tried = found = false = 0
    for domain in knowledge().mistyped:
        for typed in {made for _ in range(40) for made in (_slipped(domain, chance),) if made}:
            said = judge.verdict(f"ann.lee@{typed}")
            if said.free:
                continue
            tried += 1
            found += said.suggestion == f"ann.lee@{domain}"
            false += said.suggestion not in (None, f"ann.lee@{domain}")
    assert tried > 1_000
    assert found / tried > 0.9, f"recall {found / tried:.3f} of {tried}"
    assert found / (found + false) > 0.99, f"precision {found / (found + false):.3f}"


def _slipped(domain: str, chance: random.Random) -> str | None:
    """The domain with one slip in its name after the first letter."""
    name, dot, ending = domain.partition(".")
    at = chance.randrange(1, len(name))
    match chance.randrange(5):
        case 0 if at + 1 < len(name):
            made = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        case 1:
            made = name[:at] + name[at] + name[at:]
        case 2:
            made = name[:at] + name[at + 1 :]
        case 3 if beside := KEYS[KEYS.find(name[at]) + 1 : KEYS.find(name[at]) + 2].strip():
            made = name[:at] + beside + name[at + 1 :]
        case 4 if ending == "com":
            return name + dot + chance.choice(("con", "cmo", "ocm", "co", "cm", "comm"))
        case _:
            return None
    return None if made == name else made + dot + ending


def _public_rules() -> Iterator[str]:
    """The rules as they are published, one a line, comments left out."""
    for line in Path(PSLFILE).read_text("utf-8").splitlines():
        rule = line.strip()
        if rule and not rule.startswith("//"):
            yield rule
