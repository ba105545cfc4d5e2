"""What we sign, others verify: dkimpy, and Debian's opendkim where it is installed."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from random import Random

import pytest
from hypothesis import example, given, seed, settings, strategies as st

from lettershop.delivery.dkim import Signer, dns_record, generate, read_key
from lettershop.delivery.dkim.canonical import body
from lettershop.model.clock import DAY, FixedClock
from lettershop.model.errors import InputError
from tests import seeds
from tests.delivery.building.letters import AT, MARKETING, built, rendered
from tests.delivery.dkim.signed import dns, key, signed, verified

LETTER = built(
    rendered("Grüße aus Köln", "<p>Grüße  an\tEva </p>\n" * 30, "Grüße an Eva \n\n\n"),
    MARKETING,
    name="Eva Grün",
    unsubscribe_mail="mailto:u+17.k3@shop.example",
)
HEAD = b"From: ann@shop.example\r\nTo: eva@acme.example\r\n"
BOTH = (key(), key("e1", "ed25519"))


def test_a_letter_verifies_and_its_signature_covers_what_it_should() -> None:
    content = signed(LETTER)
    assert verified(content, dns(key())) == [True]
    names = re.search(rb"h=([^;]*);", content)
    assert names is not None
    assert re.sub(rb"\s", b"", names[1]).decode().split(":") == [
        *("from", "from", "to", "to", "subject", "subject", "date", "date", "message-id"),
        *("list-unsubscribe", "list-unsubscribe-post", "mime-version", "content-type"),
    ]
    head = content.partition(b"\r\nFrom:")[0].split(b"\r\n")
    assert max(map(len, head)) <= 78 and len(head) > 6


def test_two_signatures_beside_each_other() -> None:
    content = signed(LETTER, *BOTH)
    assert re.findall(rb"a=([\w-]+);", content) == [b"rsa-sha256", b"ed25519-sha256"]
    assert verified(content, dns(*BOTH)) == [True, True]


def test_one_changed_byte_fails() -> None:
    content = signed(LETTER, *BOTH)
    start = content.index(b"\r\nFrom:")
    places = [at for at in range(start, len(content)) if content[at : at + 1].isalnum()]
    for at in Random(seeds.seed()).sample(places, 40):
        other = b"q" if content[at : at + 1] not in b"qQ" else b"z"
        changed = content[:at] + other + content[at + 1 :]
        assert verified(changed, dns(*BOTH)) == [False, False], content[at - 30 : at + 1]


@pytest.mark.parametrize("name", ["From", "To", "Subject", "Date"])
def test_a_second_header_fails(name: str) -> None:
    content = signed(LETTER)
    assert verified(f"{name}: other@evil.example\r\n".encode() + content, dns(key())) == [False]
    assert verified(b"X-Other: x\r\n" + content, dns(key())) == [True]


@seed(seeds.seed())
@settings(max_examples=70, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=300).map(lambda said: re.sub(rb"\r|\n", b"", said)),
        st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"  ", b".", b"\r\n\r\n"])).map(
            b"".join
        ),
    )
)
@example(b"")
@example(b"\r\n")
@example(b" \r\n\t\r\n")
@example(b"a \r\n \r\n\r\n")
@example(b"a  b\t \t c\r\n \r\nd \t")
def test_any_body_verifies(said: bytes) -> None:
    content = signed(HEAD + b"\r\n" + said + b"\r\n", BOTH[1])
    assert verified(content, dns(BOTH[1])) == [True]


@seed(seeds.seed())
@settings(max_examples=70, deadline=None)
@given(
    subject=st.text(max_size=150),
    extra=st.lists(st.sampled_from(["", " ", "\t", "a", "b ", "\r\n c", "\r\n\t d", "  e  "])),
)
def test_any_header_verifies(subject: str, extra: list[str]) -> None:
    content = built(rendered(subject, text=subject))
    odd = f"List-ID:{''.join(extra)}\r\nCc: x@y.example \r\ncc:z@y.example\r\n".encode()
    assert verified(signed(odd + content, BOTH[1]), dns(BOTH[1])) == [True]


@seed(seeds.seed())
@settings(max_examples=80, deadline=None)
@given(st.lists(st.sampled_from([b"a", b" ", b"\t", b"\r\n", b"  "])).map(b"".join))
def test_the_quick_canonical_form_is_the_one_of_the_rfc(said: bytes) -> None:
    plain = re.sub(rb"[ \t]+", b" ", said)
    plain = re.sub(rb" ?(\r\n|\Z)", rb"\1", plain)
    plain = re.sub(rb"(\r\n)+\Z", b"", plain)
    assert body(said) == (plain + b"\r\n" if plain else b"")


def test_the_newest_active_key_signs() -> None:
    """Monday's key signs until Thursday's begins; nothing is unsigned in between."""
    clock = FixedClock(AT)
    old, new = key("old"), key("new", active_from=AT + 3 * DAY)
    signer = Signer([new, old], clock=clock)
    seen = []
    for _ in range(5):
        content = signer.sign(LETTER) + LETTER
        assert verified(content, dns(old, new)) == [True]
        seen.append(re.search(rb" s=(\w+);", content)[1].decode())  # type: ignore[index]
        clock.advance(DAY)
    assert seen == ["old", "old", "old", "new", "new"]


def test_a_domain_below_is_signed_by_the_one_above_and_nobody_else() -> None:
    letter = LETTER.replace(b"ann@shop.example", b"ann@News.Shop.example")
    assert verified(signed(letter), dns(key())) == [True]
    nearer = key("n1", domain="news.shop.example")
    assert b" d=news.shop.example; s=n1;" in signed(letter, key(), nearer)
    signer = Signer([key()])
    assert [bool(signer.active(d)) for d in ("a.b.shop.example", "myshop.example")] == [True, False]
    with pytest.raises(InputError) as refused:
        signer.sign(LETTER.replace(b"ann@shop.example", b"ann@myshop.example"))
    assert refused.value.code == "dkim.no_key"


@pytest.mark.parametrize(
    "head", [b"", b"To: a@b.example", b"From: x", HEAD[:-2] + b"\r\nFrom: b@c.d"]
)
def test_a_message_without_one_sender_is_not_signed(head: bytes) -> None:
    with pytest.raises(InputError) as refused:
        Signer([key()]).sign(head + b"\r\n\r\nbody\r\n")
    assert refused.value.code in ("dkim.from", "dkim.no_key")


def test_headers_that_the_way_out_writes_anew_are_left_out() -> None:
    said = Signer([key()], rewritten=["Message-ID", "Date", "From"]).sign(LETTER) + LETTER
    changed = re.sub(rb"Message-ID: <[^>]*>", b"Message-ID: <1@ses.example>", said)
    changed = re.sub(rb"\r\nDate: [^\r]*", b"\r\nDate: Mon, 23 Nov 2026 09:00:00 +0000", changed)
    assert verified(changed, dns(key())) == [True]
    assert verified(said.replace(b"ann@shop", b"bob@shop"), dns(key())) == [False]


@pytest.fixture(scope="module")
def opendkim() -> str:
    found = shutil.which("opendkim", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        assert os.environ.get("CI") != "true", "install opendkim"
        pytest.skip("opendkim is not installed")
    return found


def test_opendkim_verifies_and_refuses_a_changed_byte(opendkim: str, tmp_path: Path) -> None:
    made = read_key("shop.example", "s2048", generate("shop.example", "s2048").pem)
    (tmp_path / "dns").write_text(f"{made.dns_name} {dns_record(made)}\n")
    (tmp_path / "conf").write_text(
        f"Mode v\nSyslog no\nTestDNSData {tmp_path / 'dns'}\nOn-BadSignature reject\n"
        "MinimumKeyBits 1024\nSendReports no\n"
    )
    content = signed(LETTER, made)
    (tmp_path / "good.eml").write_bytes(content)
    (tmp_path / "bad.eml").write_bytes(content.replace(b"Eva", b"Ava", 3))
    said = {}
    for name in ("good", "bad"):
        command = [
            opendkim,
            "-x",
            str(tmp_path / "conf"),
            "-t",
            str(tmp_path / f"{name}.eml"),
            "-vv",
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
        said[name] = done.stdout + done.stderr
    assert "verification (s=s2048" in said["good"] and "succeeded" in said["good"], said["good"]
    assert "succeeded" not in said["bad"], said["bad"]
