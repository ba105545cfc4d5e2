"""What servers say, taken apart."""

import pytest
from hypothesis import given, settings, strategies as st

from lettershop.delivery.smtp.replies import Garbage, ReplyReader
from lettershop.delivery.wire import Reply

READ = {
    b"250 fine\r\n": Reply(code=250, text="fine"),
    b"250\r\n": Reply(code=250),
    b"550 5.1.1 No such user\r\n": Reply(code=550, status="5.1.1", text="No such user"),
    b"421-4.7.28 [192.0.2.1] too\r\n421-4.7.28 much\r\n421 4.7.28 - gsmtp\r\n": Reply(
        code=421, status="4.7.28", text="[192.0.2.1] too much - gsmtp"
    ),
    b"450-4.2.0 wait\r\n450 a little\r\n": Reply(code=450, status="4.2.0", text="wait a little"),
    b"550 4.1.1 of another class\r\n": Reply(code=550, text="4.1.1 of another class"),
    b"250 2.0.0\r\n": Reply(code=250, status="2.0.0"),
    b"250 2.0.0ish\r\n": Reply(code=250, text="2.0.0ish"),
    b"554 5.7.1234 no such code\r\n": Reply(code=554, text="5.7.1234 no such code"),
    b"250 bare line end\n": Reply(code=250, text="bare line end"),
    b"550 caf\xe9 \x1b[31m\x07red\r\n": Reply(code=550, text="caf�  [31m red"),
}


@pytest.mark.parametrize("said", READ)
def test_a_reply(said: bytes) -> None:
    reader = ReplyReader()
    reader.feed(said)
    assert [*reader.replies] == [READ[said]]
    reader.replies.clear()
    assert reader.quiet


@pytest.mark.parametrize(
    "said",
    [
        b"hello\r\n",
        b"\r\n",
        b"25 short\r\n",
        b"199 no such class\r\n",
        b"600 no such class\r\n",
        b"250_what\r\n",
        b"250-one\r\n550 other\r\n",
        b"HTTP/1.1 400 Bad Request\r\n",
        b"x" * 2_049,
        b"250 " + b"x" * 2_049 + b"\r\n",
        b"250-more\r\n" * 101,
        b"250 too many\r\n" * 17,
        "２５０ digits\r\n".encode(),
    ],
)
def test_what_is_no_reply(said: bytes) -> None:
    with pytest.raises(Garbage):
        ReplyReader().feed(said)


@given(st.lists(st.sampled_from([*READ]), max_size=8), st.data())
@settings(max_examples=100, deadline=None)
def test_it_does_not_matter_how_it_arrives(said: list[bytes], data: st.DataObject) -> None:
    whole, rest, reader = b"".join(said), b"".join(said), ReplyReader()
    while rest:
        size = data.draw(st.integers(1, len(rest)))
        reader.feed(rest[:size])
        rest = rest[size:]
    assert [*reader.replies] == [READ[one] for one in said], whole


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_anything_is_replies_or_garbage(said: bytes) -> None:
    reader = ReplyReader()
    try:
        reader.feed(said)
    except Garbage:
        return
    for reply in reader.replies:
        assert 200 <= reply.code <= 599
        assert reply.text.isprintable()
