"""Whatever is sent to us: it is read in bounded time and raises nothing."""

import time

import pytest
from hypothesis import given, seed, settings, strategies as st
from seeds import seed as chosen

from lettershop.delivery.returns.reading import read
from tests.delivery.returns.mails import FAILED, LETTER, complaint, mail, notification

NASTY = [
    b"",
    b"\n",
    b"\r\n\r\n",
    b"\0" * 1000,
    b"Subject: =?utf-8?b?" + b"/" * 1000 + b"?=\n\n",
    b"Subject: =?punycode?q?" + b"a" * 5000 + b"?=\n\n",
    b"Subject: =?hex?b?AAAA?=\n\nx",
    b"Content-Type: text/plain; charset=idna\n\n" + b"a." * 50_000,
    b"Content-Type: text/plain; charset*=utf-8''%ff%fe; x*0*=\n\n\xff\xfe",
    b"Content-Type: multipart/mixed; boundary=\n\n--\n\n",
    b'Content-Type: multipart/mixed; boundary="a\n\n--a\n\n--a--',
    b"Content-Type: multipart/report; boundary*0=a; boundary*1=b\n\n--ab\n\nx",
    b"Content-Transfer-Encoding: base64\n\n=====",
    b"Date: Mon, 99 Foo 99999 99:99:99 +9999\n\n",
    b"Date: Mon, 1 Jan 0001 00:00:00 +0000\nSubject: Out of office\n\nback on 1 January",
    b"From: <<<@@@>>>\nTo: ,,,;;;:\nCc: " + b"a@b," * 100_000 + b"\n\n",
    b"Message-ID: " + b"<" * 10_000 + b"\nReferences: " + b"<a@b> " * 50_000 + b"\n\n",
    b"Content-Type: text/html\n\n" + b"<" * 500_000,
    b"Content-Type: text/html\n\n" + b"<script>" * 50_000,
    b"Subject: failure notice\nFrom: mailer-daemon@x\n\n" + b"a@b.example\n" * 100_000,
    b"Subject: failure notice\nFrom: mailer-daemon@x\n\n" + b"a" * 1_000_000,
    b"\n".join(b"Header-%d: x" % i for i in range(20_000)),
]


@pytest.mark.parametrize("raw", NASTY, ids=range(len(NASTY)))
def test_nasty_mails(raw: bytes) -> None:
    before = time.perf_counter()
    read(raw)
    assert time.perf_counter() - before < 2


def nested(depth: int) -> bytes:
    head = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (i, i) for i in range(depth)
    )
    return head + b"Content-Type: text/plain\n\nunsubscribe\n"


@pytest.mark.parametrize(
    "raw",
    [
        nested(10_000),
        b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 200_000,
        b"X: " + b"a" * 50_000_000 + b"\n\nbody",
        b"X: a\n" + b" b\n" * 5_000_000 + b"\nbody",
    ],
    ids=["10,000 deep", "200,000 parts", "50 MB in a header", "5,000,000 folds"],
)
def test_huge_mails(raw: bytes) -> None:
    before = time.perf_counter()
    found = read(raw)
    assert time.perf_counter() - before < 3
    assert len(found.snippet) <= 200 and len(found.affected) <= 100


WHOLE = [notification(FAILED), complaint(), mail("Out of office", "back on 1 May", X=LETTER)]


@seed(chosen())
@settings(max_examples=150, deadline=None)
@given(st.sampled_from(WHOLE), st.lists(st.tuples(st.integers(0, 999), st.binary(max_size=9))))
def test_damaged_mails(whole: bytes, damage: list[tuple[int, bytes]]) -> None:
    raw = bytearray(whole)
    for at, new in damage:
        place = at % len(raw)
        raw[place : place + max(1, len(new))] = new
        raw = raw or bytearray(b"\n")
    found = read(bytes(raw))
    assert all(len(one.diagnostic) <= 500 for one in found.affected)
    assert found.id.startswith("<")


@seed(chosen())
@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=2_000), st.text(max_size=300))
def test_anything_at_all(raw: bytes, body: str) -> None:
    read(raw)
    read(mail("Re: x", body.encode("utf-8", "replace").decode(), From="mailer-daemon@x.example"))
