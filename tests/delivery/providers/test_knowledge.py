"""The list of providers says what it means, and its checker would notice if it did not."""

from pathlib import Path

import msgspec
import pytest

from lettershop.delivery.providers.backoff import asked_for, backoff
from lettershop.delivery.providers.checking import check
from lettershop.delivery.providers.knowledge import (
    Delay,
    Knowledge,
    Plan,
    ReplyRule,
    of_workspace,
    packaged,
)
from lettershop.delivery.providers.whose import Whose
from lettershop.delivery.wire import Reply
from lettershop.model.errors import InputError

LIST = packaged()
RULE = ReplyRule(match="^421 ", pause="1m", connections=1, grow="1m", example="421 away")


def test_the_packaged_list_is_sound() -> None:
    assert check(LIST) == []
    assert len(LIST.provider) > 20


def changed(**said: object) -> Knowledge:
    return msgspec.structs.replace(LIST, **said)


def google(**said: object) -> Knowledge:
    one = msgspec.structs.replace(LIST.provider["google"], **said)
    return changed(provider={**LIST.provider, "google": one})


def rule(**said: object) -> Knowledge:
    return changed(reply=(msgspec.structs.replace(RULE, **said),))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (rule(match="(unclosed"), "not a pattern"),
        (rule(match=r"(a)\1"), "not a pattern"),
        (rule(pause="ten minutes"), "not a duration"),
        (rule(connections=0), "connections begin at 1"),
        (rule(example="550 other"), "decided by no rule"),
        (changed(reply=(RULE, msgspec.structs.replace(RULE, match="^4"))), "decided by “^421 ”"),
        (google(hosts=("mx.yandex.ru",)), "taken for yandex's"),
        (google(label=""), "must be said"),
        (google(messages=0), "begin at 1"),
        (changed(plan={"x": Plan(label="x", days=(5, 3))}), "never fall"),
        (
            changed(delay=(Delay(match=r"in (?P<n>\d+)", example="450 in 5", seconds=6),)),
            "asks for 5.0 seconds, not 6",
        ),
        (changed(delay=(Delay(match=r"in \d+", example="450 in 5", seconds=5),)), "no number n"),
    ],
)
def test_a_list_that_is_not(wrong: Knowledge, said: str) -> None:
    findings = check(wrong)
    assert any(said in one.message for one in findings), findings


def test_a_workspace_changes_what_it_wants(tmp_path: Path) -> None:
    assert of_workspace(tmp_path) is LIST
    (tmp_path / "providers.toml").write_text(
        "[usual]\nconnections = 2\n[provider.google]\nper_minute = 60\n"
        '[provider.acme]\nlabel = "Acme"\nmx = ["mx.acme.example"]\nsource = "us"\n'
        '[[reply]]\nmatch = "^450 "\npause = "7m"\nconnections = 1\ngrow = "1m"\n'
    )
    own = of_workspace(tmp_path)
    assert own.of("google").per_minute == 60
    assert own.of("google").connections == LIST.of("google").connections
    assert own.of("acme").connections == own.of("nobody.example").connections == 2
    assert own.reply[0].pause == "7m" and own.reply[1:] == LIST.reply
    assert Whose(own).pool(["in.mx.acme.example"]) == "acme"


@pytest.mark.parametrize(
    "text", ["[usual", "[usual]\nconections = 2\n", '[usual]\nconnections = "two"\n', "usual = 3\n"]
)
def test_a_file_that_cannot_be_used(tmp_path: Path, text: str) -> None:
    (tmp_path / "providers.toml").write_text(text)
    with pytest.raises(InputError) as error:
        of_workspace(tmp_path)
    assert (error.value.code, error.value.where) == ("providers.file", "providers.toml")


@pytest.mark.parametrize(
    ("hosts", "pool", "gateway"),
    [
        (["ASPMX.L.GOOGLE.COM", "alt1.aspmx.l.google.com"], "google", ""),
        (["acme-com.mail.protection.outlook.com"], "microsoft", ""),
        (["mx0a-00.pphosted.com"], "proofpoint", "proofpoint"),
        (["mx1.hoster.co.uk", "mx2.hoster.co.uk"], "hoster.co.uk", ""),
        (["notgoogle.com"], "notgoogle.com", ""),
        (["localhost"], "localhost", ""),
        ([], "", ""),
    ],
)
def test_whose_servers_they_are(hosts: list[str], pool: str, gateway: str) -> None:
    whose = Whose(LIST)
    assert (whose.pool(hosts), whose.gateway(hosts)) == (pool, gateway)


def test_a_message_is_tried_for_three_days_at_growing_distance() -> None:
    busy, waits = Reply(code=451, text="busy"), []
    while (wait := backoff(len(waits) + 1, busy)) is not None:
        waits.append(wait)
    assert waits[:7] == [300, 600, 1_200, 2_400, 4_800, 9_600, 14_400]
    assert set(waits[7:]) == {14_400}
    assert 3 * 86_400 <= sum(waits) < 3 * 86_400 + 14_400


def test_a_refusal_for_good_is_not_tried_again() -> None:
    assert backoff(1, Reply(code=550, status="5.1.1", text="try again in 5 minutes")) is None


def test_a_lost_connection_is_tried_again() -> None:
    assert backoff(1) == backoff(1, None) == 300


def test_what_is_known_of_the_wait_counts() -> None:
    assert backoff(1, None, waited=3 * 86_400) is None
    assert backoff(100, None, waited=60) == 14_400


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("Greylisted, try again in 5 minutes", 300),
        ("please try again in 120 seconds", 120),
        ("Try again in 1 hour", 3_600),
        ("try again in 2 s", 30),
        ("try again in 9999 hours", 86_400),
        ("Try again later", None),
        ("try again in a while", None),
        ("in 2026 we moved", None),
    ],
)
def test_what_the_other_side_asks_for_is_granted(text: str, seconds: float | None) -> None:
    said = Reply(code=450, status="4.7.1", text=text)
    assert backoff(1, said) == (300 if seconds is None else seconds)
    assert (asked_for(said) is None) == (seconds is None)
