"""Header lines: whatever the values hold, exactly our headers come out, and say what was meant."""

from email import message_from_bytes
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.message import EmailMessage
from email.utils import parseaddr
from itertools import product

import pytest
from hypothesis import example, given, seed, settings, strategies as st

from lettershop.delivery.building import StreamSettings
from lettershop.delivery.building.fields import cleaned
from lettershop.model.errors import InputError
from tests import seeds
from tests.delivery.building.letters import MARKETING, SENDER, built, parsed, rendered, tried

OURS = [
    *("From", "To", "Subject", "Date", "Message-ID", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("MIME-Version", "Content-Type"),
]
INJECTIONS = [
    f"{before}{end}Bcc: all@example.com{end}{end}<p>"
    for before, end in product(
        ("", "Hello", "Grüße"),
        (
            "\r\n",
            "\n",
            "\r",
            "\0",
            "\x0b",
            "\x0c",
            "\x1c",
            "\x85",
            "\u2028",
            "\u2029",
            "\r\n ",
            "\n\t",
        ),
    )
]
TEXTS = st.one_of(
    st.text(max_size=300),
    st.text(st.characters(categories=["Cs", "Cc", "Zl", "Zp", "Lu"]), max_size=40),
    st.text(st.sampled_from('aé =?_"<>@,;:\\()\r\n\tß日😀.'), max_size=200),
    st.sampled_from(INJECTIONS),
)


def addresses(message: EmailMessage, name: str) -> AddressHeader:
    found = message[name]
    assert isinstance(found, AddressHeader)
    return found


@seed(seeds.seed())
@settings(max_examples=60, deadline=None)
@given(TEXTS)
@example("=?utf-8?q?Bcc?=")
@example("x" * 2000)
@example("a " * 900)
@example("日本語の件名" * 40)
@example("Schöne Grüße aus Köln, liebe Frau Müller-Lüdenscheidt – Ihr Team, wie immer im Dezember")
def test_any_subject_is_read_back_and_begins_no_header(subject: str) -> None:
    message = parsed(built(rendered(subject)))
    assert message.keys() == OURS
    assert message["Subject"] == cleaned(subject)


@seed(seeds.seed())
@settings(max_examples=60, deadline=None)
@given(TEXTS)
@example('Lee, "Ann" \\ Co.')
@example("Müller, Jörg")
@example("J. Smith")
@example("名前" * 60)
def test_any_name_is_read_back_and_adds_no_recipient(name: str) -> None:
    content = built(rendered(), name=name)
    message = parsed(content)
    assert message.keys() == OURS
    assert len(addresses(message, "To").addresses) == 1
    # in 3.11 the new header classes put spaces between encoded words of a name; the old ones do not
    old = message_from_bytes(content)["To"]
    found, address = parseaddr(old)
    assert (str(make_header(decode_header(found))), address) == (cleaned(name), "eva@acme.example")


@seed(seeds.seed())
@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        TEXTS,
        st.builds("{}@{}".format, TEXTS, st.sampled_from(["acme.example", "bücher.example"])),
        st.builds("eva@{}".format, TEXTS),
    )
)
def test_any_address_is_refused_or_the_only_one(to: str) -> None:
    content = tried(rendered(), to=to)
    if isinstance(content, str):
        assert content in ("address.invalid", "address.smtputf8")
        return
    message = parsed(content)
    assert message.keys() == OURS
    (only,) = addresses(message, "To").addresses
    local, _, domain = to.rpartition("@")
    assert only.username == local
    assert only.domain.isascii() and (only.domain == domain or not domain.isascii())


@seed(seeds.seed())
@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(
        [("token", ""), ("unsubscribe", "https://a.example/"), ("unsubscribe_mail", "mailto:")]
    ),
    TEXTS,
)
@example(("unsubscribe", "mailto:"), "u@shop.example")
def test_any_link_or_token_is_refused_or_harmless(field: tuple[str, str], text: str) -> None:
    name, start = field
    content = tried(rendered(), **{name: start + text})
    if isinstance(content, str):
        assert content in ("message.token", "message.link")
    else:
        assert set(parsed(content).keys()) == set(OURS)


@seed(seeds.seed())
@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_any_sender_is_refused_or_the_only_one(text: str) -> None:
    for sender in (text, f"{text} <ann@shop.example>", f"Ann <{text}>"):
        content = tried(rendered(sender=sender))
        if isinstance(content, str):
            assert content in ("address.invalid", "address.smtputf8")
            continue
        message = parsed(content)
        assert message.keys() == OURS
        assert len(addresses(message, "From").addresses) == 1


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("Hello Eva", "Subject: Hello Eva"),
        ("Grüße", "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?="),
        ("日本語", "Subject: =?utf-8?b?5pel5pys6Kqe?="),
        ("", "Subject: "),
        ("50 % off? =?utf-8?q?x?=", "Subject: =?utf-8?q?50_%_off=3F_=3D=3Futf-8=3Fq=3Fx=3F=3D?="),
    ],
)
def test_subjects_on_the_wire(said: str, line: str) -> None:
    assert f"\r\n{line}\r\n".encode() in built(rendered(said))


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("Eva Grün", "To: =?utf-8?q?Eva_Gr=C3=BCn?= <eva@acme.example>"),
        ("Eva Green", "To: Eva Green <eva@acme.example>"),
        ("Green, Eva", 'To: "Green, Eva" <eva@acme.example>'),
        ('"Eva"', 'To: "\\"Eva\\"" <eva@acme.example>'),
        (" \r\n", "To: eva@acme.example"),
    ],
)
def test_names_on_the_wire(name: str, line: str) -> None:
    assert f"\r\n{line}\r\n".encode() in built(rendered(), name=name)


def test_lines_are_folded_where_they_can_be() -> None:
    long = "Jörg " * 60
    content = built(rendered(long), name=long, unsubscribe_mail="mailto:u+17.k3@shop.example")
    head = content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert max(map(len, head)) <= 76 and len(head) > 20
    assert all(line.strip() for line in head)


def test_all_headers_of_a_marketing_letter() -> None:
    stream = StreamSettings(
        stream="marketing",
        sender="Ann Lee <ann@büro.example>",
        list_id="Offers & News <offers.shop.example>",
        feedback=("spring sale", "offer.de", "marketing", "shop: 1"),
    )
    letter = rendered(reply_to="Kim Park <kim@shop.example>")
    content = built(letter, stream, unsubscribe_mail="mailto:u+17.k3@shop.example")
    assert content.partition(b"Content-Type")[0].decode() == (
        "From: Ann Lee <ann@xn--bro-hoa.example>\r\n"
        "To: eva@acme.example\r\n"
        "Reply-To: Kim Park <kim@shop.example>\r\n"
        "Subject: Hello\r\n"
        "Date: Fri, 22 Nov 2024 09:34:56 +0000\r\n"
        "Message-ID: <17.k3Jx_9-Q@xn--bro-hoa.example>\r\n"
        "List-Unsubscribe: <https://letters.example/u/abc.def>,\r\n"
        " <mailto:u+17.k3@shop.example>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        "List-ID: Offers & News <offers.shop.example>\r\n"
        "Feedback-ID: spring-sale:offer.de:marketing:shop-1\r\n"
        "MIME-Version: 1.0\r\n"
    )


@pytest.mark.parametrize(
    ("said", "line"),
    [
        ("offers.shop.example", "List-ID: <offers.shop.example>"),
        ("<offers.shop.example>", "List-ID: <offers.shop.example>"),
        ("Grüße <a.b>", "List-ID: =?utf-8?q?Gr=C3=BC=C3=9Fe?= <a.b>"),
        ('"Offers, all" <a.b>\r\nBcc: x@y.example', None),
    ],
)
def test_list_ids(said: str, line: str | None) -> None:
    stream = StreamSettings(stream="marketing", sender=SENDER, list_id=said)
    content = tried(rendered(), settings=stream)
    if line is None:
        assert content == "message.list_id"
    else:
        assert isinstance(content, bytes) and f"\r\n{line}\r\n".encode() in content


def test_a_transactional_letter_asks_for_no_holiday_replies_and_needs_no_unsubscribe() -> None:
    stream = StreamSettings(stream="transactional", sender=SENDER, domain="mail.shop.example")
    message = parsed(built(rendered(), stream, unsubscribe=""))
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == "<17.k3Jx_9-Q@mail.shop.example>"
    assert message["List-Unsubscribe"] is message["Precedence"] is None


def test_a_message_sent_again_has_its_message_id_and_no_other_has() -> None:
    first, again = (parsed(built(rendered(), at=at))["Message-ID"] for at in (1, 2))
    other = parsed(built(rendered(), id=18))["Message-ID"]
    assert first == again != other


def test_an_international_local_part_needs_smtputf8() -> None:
    with pytest.raises(InputError, match="SMTPUTF8") as refused:
        built(rendered(), to="jörg@acme.example")
    assert refused.value.code == "address.smtputf8"
    stream = StreamSettings(stream="marketing", sender=SENDER, smtputf8=True)
    content = built(rendered(), stream, to="jörg@bücher.example", name="Jörg")
    assert "To: =?utf-8?q?J=C3=B6rg?= <jörg@xn--bcher-kva.example>\r\n".encode() in content


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"sender": ""}, "sender.unknown"),
        ({"list_id": "no id"}, "message.list_id"),
        ({"feedback": ("a", "b", "c", "d", "e")}, "message.feedback"),
        ({"feedback": ("campaign", "::")}, "message.feedback"),
        ({"reply_to": "nobody"}, "address.invalid"),
        ({"domain": "a b"}, "address.invalid"),
        ({"domain": "exa\r\nmple"}, "address.invalid"),
    ],
)
def test_settings_that_cannot_be(changed: dict[str, str], code: str) -> None:
    stream = StreamSettings(**({"stream": "marketing", "sender": SENDER} | changed))  # type: ignore[arg-type]
    with pytest.raises(InputError) as refused:
        built(rendered(), stream)
    assert refused.value.code == code


def test_no_marketing_letter_without_a_way_out() -> None:
    with pytest.raises(InputError) as refused:
        built(rendered(), MARKETING, unsubscribe="", unsubscribe_mail="mailto:u@shop.example")
    assert refused.value.code == "message.unsubscribe"
