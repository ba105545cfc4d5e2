"""The rules are sound, and the checker finds those that are not."""

from importlib import resources

import pytest

from lettershop.delivery.returns.checking import check, check_words
from lettershop.delivery.returns.rules import classify, classify_reply, packaged, prepared
from lettershop.delivery.wire import Reply

PACKAGED = (
    resources.files("lettershop.delivery.returns").joinpath("knowledge/bounces.toml").read_text()
)

RULE = """
[[rule]]
id = "{id}"
class = "dead"
pattern = '{pattern}'
source = "a test"
examples = ["{example}"]
"""


def test_packaged_rules_are_sound() -> None:
    assert check(PACKAGED) == []
    assert check_words() == []


@pytest.mark.parametrize(
    ("rules", "code", "about"),
    [
        (
            [("a", "user", "no user"), ("b", "user unknown", "user unknown")],
            "bounces.shadowed",
            "b",
        ),
        ([("a", "(?=x)y", "y")], "bounces.pattern", "look-around"),
        ([("a", "moon", "the sun")], "bounces.shadowed", "no rule"),
        ([("a", "x", "x"), ("a", "y", "y")], "bounces.repeated", "2 rules"),
    ],
)
def test_unsound_rules_are_found(rules: list[tuple[str, str, str]], code: str, about: str) -> None:
    text = "".join(RULE.format(id=i, pattern=p, example=e) for i, p, e in rules)
    found = check(text)
    assert [f.code for f in found] == [code]
    assert found[0].span is not None and text.splitlines()[found[0].span.line - 1].startswith("id")
    assert about in f"{found[0].message} {found[0].hint}"


def test_a_form_that_cannot_be_read_is_one_finding() -> None:
    assert [f.code for f in check("[[rule]]\nid = 1")] == ["bounces.form"]
    assert [f.code for f in check("[[rule")] == ["bounces.form"]
    half = '[[rule]]\nid = "a"\nclass = "dead"\nsource = "s"\nexamples = []\n'
    assert [f.code for f in check(half)] == ["bounces.empty", "bounces.example"]


def test_a_pattern_that_would_run_away_elsewhere_takes_no_time() -> None:
    text = RULE.format(id="a", pattern="(a+)+$", example="a" * 2_000 + "b")
    assert [f.code for f in check(text)] == ["bounces.shadowed"]


REPLIES = [
    (550, "5.1.1", "<a@b.example>: Recipient address rejected: User unknown", "dead"),
    (450, "4.1.1", "<a@b.example>: Recipient address rejected: User unknown", "temporary"),
    (421, "4.7.28", "Our system has detected an unusual rate of unsolicited mail", "policy"),
    (452, "4.2.2", "The recipient's inbox is out of storage space", "full"),
    (550, "5.7.26", "Unauthenticated email from b.example is not accepted", "policy"),
    (552, "5.3.4", "Message too big", "message"),
    (550, "5.2.1", "The account is disabled", "perhaps_dead"),
    (550, "", "I do not like you", "unclear"),
    (421, "", "what a day", "temporary"),
    (554, "5.7.1", "<postmaster@spam.example> no such user, https://spamhaus.example/x", "dead"),
    (550, "5.4.1", "Recipient address rejected: Access denied.", "dead"),
    (554, "5.7.1", "<x@y.example>: Relay access denied", "perhaps_dead"),
]


@pytest.mark.parametrize(("code", "status", "text", "meant"), REPLIES)
def test_replies_during_sending(code: int, status: str, text: str, meant: str) -> None:
    assert classify_reply(code, status, text).bounce_class == meant
    assert classify(Reply(code=code, status=status, text=text)) == meant


def test_addresses_links_and_hosts_say_nothing() -> None:
    said = prepared(
        "host mx.spam.example[192.0.2.1] said: 550 5.1.1 <spam@quota.example>: gone, "
        "see https://blocked.example/virus (in reply to RCPT TO command)"
    )
    assert said == "@a: gone, see @link"


def test_every_class_has_a_rule() -> None:
    classes = {rule.bounce_class for rule in packaged().rules}
    assert classes >= {"dead", "perhaps_dead", "full", "policy", "message", "temporary", "unclear"}
