"""Addresses and content as they go over the wire; what cannot go is refused before it is tried."""

import pytest
from hypothesis import given, settings, strategies as st
from scripted_mail import CONTENT, letter

from lettershop.delivery.smtp import envelope
from lettershop.delivery.wire import Outgoing

ALL = {"size": "100000", "8bitmime": "", "smtputf8": "", "pipelining": ""}


def test_the_usual_commands() -> None:
    mail, rcpt = envelope.commands(letter(), ALL)
    assert mail == b"MAIL FROM:<bounce@sender.example> SIZE=%d\r\n" % len(CONTENT)
    assert rcpt == b"RCPT TO:<ann@acme.example>\r\n"


def test_an_old_server_is_told_nothing_it_does_not_know() -> None:
    assert envelope.commands(letter(), {})[0] == b"MAIL FROM:<bounce@sender.example>\r\n"


def test_a_bounce_has_no_sender() -> None:
    message = Outgoing(id=1, sender="", recipient="ann@acme.example", content=CONTENT)
    assert envelope.commands(message, {})[0] == b"MAIL FROM:<>\r\n"


def test_eight_bits_are_announced() -> None:
    assert b" BODY=8BITMIME" in envelope.commands(letter(content="é\r\n".encode()), ALL)[0]


def test_domains_go_in_ascii_and_do_not_need_smtputf8() -> None:
    mail, rcpt = envelope.commands(letter("ann@bücher.example"), ALL)
    assert rcpt == b"RCPT TO:<ann@xn--bcher-kva.example>\r\n"
    assert b"SMTPUTF8" not in mail


def test_a_local_part_beyond_ascii_needs_smtputf8() -> None:
    mail, rcpt = envelope.commands(letter("änne@bücher.example"), ALL)
    assert mail.endswith(b" SMTPUTF8\r\n")
    assert rcpt == "RCPT TO:<änne@xn--bcher-kva.example>\r\n".encode()


REFUSED = {
    "ann": "5.1.3",
    "@acme.example": "5.1.3",
    "ann@": "5.1.3",
    "ann lee@acme.example": "5.1.3",
    "ann@acme example": "5.1.3",
    "ann@acme.example>\r\nRCPT TO:<eve@evil.example": "5.1.3",
    "ann\r\n@acme.example": "5.1.3",
    "ann\x00@acme.example": "5.1.3",
    "ann\u2028@acme.example": "5.1.3",
    "<ann@acme.example>": "5.1.3",
    "ann@[192.0.2.1]": "5.1.3",
    "ann@acme..example": "5.1.3",
    f"{'a' * 65}@acme.example": "5.1.3",
    f"ann@{'a' * 64}.example": "5.1.3",
    f"ann@{'a.' * 130}example": "5.1.3",
    "änne@acme.example": "5.6.7",
}


@pytest.mark.parametrize("address", REFUSED)
def test_an_address_that_is_none(address: str) -> None:
    with pytest.raises(envelope.Envelope) as refused:
        envelope.commands(letter(address), {})
    assert refused.value.reply.status == REFUSED[address]
    assert refused.value.reply.code == 553


@pytest.mark.parametrize("local", ["o'brien+x=y", "a.b_c-d", '"two words"', '"a\\"b"', "50%"])
def test_unusual_addresses_that_are_some(local: str) -> None:
    assert envelope.commands(letter(f"{local}@acme.example"), {})[1] == (
        f"RCPT TO:<{local}@acme.example>\r\n".encode()
    )


@given(st.text(max_size=40), st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_no_address_becomes_another_command(local: str, domain: str) -> None:
    try:
        commands = envelope.commands(letter(f"{local}@{domain}"), ALL)
    except envelope.Envelope:
        return
    for command in commands:
        assert command.count(b"\r\n") == 1 and command.endswith(b"\r\n")
        assert command.count(b"\n") == command.count(b"\r") == 1
    assert commands[1].count(b"<") == commands[1].count(b">") == 1 or '"' in local


def test_what_is_too_big_is_not_tried() -> None:
    big = letter(content=b"x" * 70 + b"\r\n")
    with pytest.raises(envelope.Envelope) as refused:
        envelope.commands(big, {"size": "71"})
    assert (refused.value.reply.code, refused.value.reply.status) == (552, "5.3.4")
    for no_limit in ("", "0", "72", "many", "9" * 30):
        assert b" SIZE=72" in envelope.commands(big, {"size": no_limit})[0]


def test_eight_bits_need_a_server_that_takes_them() -> None:
    with pytest.raises(envelope.Envelope) as refused:
        envelope.commands(letter(content="é\r\n".encode()), {})
    assert refused.value.reply.status == "5.6.3"


@pytest.mark.parametrize(
    "content", [b"a\nb\r\n", b"a\rb\r\n", b"a\n.\nMAIL FROM:<x>\r\n", b"\r\r\n"]
)
def test_bare_line_ends_are_refused(content: bytes) -> None:
    with pytest.raises(envelope.Envelope) as refused:
        envelope.stuffed(content)
    assert refused.value.reply.status == "5.6.0"


@given(st.lists(st.text(alphabet=".ab", max_size=4), max_size=8))
@settings(max_examples=300, deadline=None)
def test_dots_are_doubled_and_taken_back(lines: list[str]) -> None:
    content = "".join(f"{line}\r\n" for line in lines).encode()
    sent = envelope.stuffed(content)
    assert b"\r\n.\r\n" not in b"\r\n" + sent
    taken = [line.removeprefix(b".") for line in sent.split(b"\r\n")]
    assert b"\r\n".join(taken) == content
