"""Records of any shape: read, or refused with a reason, never an accident."""

import asyncio
from contextlib import suppress
from ipaddress import ip_address

import pytest
from dns.rdata import from_text
from dns.rdtypes.ANY.TXT import TXT
from hypothesis import given, settings, strategies as st

from lettershop.delivery.doctor import Question, examine
from lettershop.delivery.doctor.asked import Fetched, Starttls
from lettershop.delivery.doctor.names import Answer, Kind, printable, tags, txt
from lettershop.delivery.doctor.spf_macros import Scene, filled
from lettershop.delivery.doctor.spf_record import Malformed, read

SENDER = Scene(ip_address("192.0.2.3"), "strong.email.example.com", "email.example.com")
SENDER6 = Scene(ip_address("2001:db8::cb01"), "strong.email.example.com", "email.example.com")

pieces = st.sampled_from(
    [
        *(
            "v=spf1",
            "v=DMARC1;",
            "v=DKIM1;",
            "v=STSv1;",
            "v=TLSRPTv1;",
            "v=BIMI1;",
            " ",
            "p=",
            "all",
        ),
        *(
            "include:",
            "a:",
            "mx/",
            "ip4:",
            "exists:%{",
            "redirect=",
            "i}",
            "example.com",
            "1.2.3.4",
        ),
        *(
            "rua=mailto:a@b.example",
            ";",
            "=",
            "sp=none",
            "psd=y",
            "id=1",
            "::",
            "/",
            "//",
            "%",
            "é",
        ),
        *("\x00", '"', "a" * 300, "p=none", "t=y", "k=ed25519;", "AAAA", "+", "-", "?", "~"),
    ]
)
records = st.one_of(st.lists(pieces, max_size=12).map("".join), st.text(max_size=60))


class Anything:
    """Says the same to every question for text; MX and addresses exist."""

    def __init__(self, text: tuple[str, ...]) -> None:
        self._text = text

    async def ask(self, name: str, kind: Kind) -> Answer:
        match kind:
            case "TXT":
                return Answer(self._text)
            case "MX":
                return Answer(("10 mail.example.com",))
            case "A":
                return Answer(("192.0.2.1",))
            case _:
                return Answer()


async def unreached(host: str, ip: str) -> tuple[Starttls, str]:
    return "unreached", "nobody"


@given(st.lists(records, max_size=2), records)
@settings(max_examples=150, deadline=None)
def test_whatever_dns_holds_the_doctor_answers(found: list[str], policy: str) -> None:
    async def fetch(url: str, there: object) -> Fetched:
        return Fetched(policy)

    question = Question(domain="a.example.com", ips=("192.0.2.1",))
    names = Anything(tuple(found))
    answers = asyncio.run(
        examine(question, names, is_free=lambda _: False, probe=unreached, fetch=fetch)
    )
    assert {one.check.partition(".")[0] for one in answers} >= {"spf", "dmarc", "from", "bimi"}


@given(records)
def test_spf_is_read_or_refused(text: str) -> None:
    terms = 0
    with suppress(Malformed):
        terms = len(read(f"v=spf1 {text}").terms)
    assert terms <= len(text.split(" "))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=700))
def test_lines_are_read_by_dns_as_they_were_meant(value: str) -> None:
    _, _, data = txt("a.example", value).partition(" TXT ")
    record = from_text("IN", "TXT", data.removeprefix("( ").removesuffix(" )"))
    assert isinstance(record, TXT) and b"".join(record.strings) == value.encode()


@pytest.mark.parametrize(
    ("macro", "meant"),
    [  # the examples of RFC 7208 7.4
        ("%{o}", "strong.email.example.com"),
        ("%{d}", "email.example.com"),
        ("%{d4}", "email.example.com"),
        ("%{d3}", "email.example.com"),
        ("%{d2}", "example.com"),
        ("%{d1}", "com"),
        ("%{dr}", "com.example.email"),
        ("%{d2r}", "example.email"),
        ("%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"),
        ("%{l-}.lp._spf.%{d2}", "bounces.lp._spf.example.com"),
        ("%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"),
        ("a%%b%_%-", "a%b %20"),
    ],
)
def test_macros_as_the_rfc_shows_them(macro: str, meant: str) -> None:
    assert filled(macro, SENDER) == meant


def test_macros_of_an_ipv6_address() -> None:
    meant = "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6._spf.example.com"
    assert filled("%{ir}.%{v}._spf.%{d2}", SENDER6) == meant


@pytest.mark.parametrize("record", ["p=a; p=b", "p", "=x", "a=1;;b"])
def test_lists_of_tags_that_are_none(record: str) -> None:
    assert tags(record) is None


def test_nothing_of_dns_acts_in_a_terminal() -> None:
    assert printable("v=spf1 \x1b[2J\r\x00é") == "v=spf1 \ufffd[2J\ufffd\ufffdé"


def test_a_slow_check_is_cut_off() -> None:
    class Slow(Anything):
        async def ask(self, name: str, kind: Kind) -> Answer:
            await asyncio.sleep(60)
            return Answer()

    found = asyncio.run(
        examine(Question(domain="a.example"), Slow(()), is_free=lambda _: False, seconds=0.05)
    )
    assert {one.check for one in found if one.ok is None} >= {"spf", "dmarc", "from", "tls"}
    assert "no answer within 0.05 seconds" in {one.found for one in found}
