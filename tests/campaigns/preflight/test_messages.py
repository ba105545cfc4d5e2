"""Every rule about messages: a good one passes them all, and each mistake is found by its rule."""

import time
from base64 import b64encode

import pytest

from lettershop.campaigns.preflight.messages import RULES, Messages
from lettershop.content.letter import Rendered
from lettershop.delivery.tracking import Tokens
from lettershop.delivery.wire import Outgoing
from tests.campaigns.preflight.mails import (
    ADDRESSES,
    BASE,
    HTML,
    LEAVE,
    POSTAL,
    ROW,
    TEXT,
    TO,
    built,
    failing,
    letter,
    looked,
    sign,
    surroundings,
)

GOOD = built(letter())


def test_a_good_message_keeps_every_rule() -> None:
    found = looked(GOOD)
    assert {name: one.held for name, one in found.items()} == dict.fromkeys(RULES, "holds")
    assert all(one.people == 1 for one in found.values())


def test_as_it_is_sent_with_counted_links_and_pixel() -> None:
    html = HTML.replace('href="https://shop', 'data-ls="1" href="https://shop')
    html = ADDRESSES.with_pixel(ADDRESSES.follow(html, ROW, 3), ROW, 3)
    assert f"{BASE}/c/" in html and f"{BASE}/o/" in html
    assert failing(looked(built(letter(html=html)))) == set()


def changed(before: bytes, after: bytes) -> bytes:
    """The message with other bytes, signed again, so that only they are wrong."""
    content = built(letter(), signed=False)
    assert before in content
    content = content.replace(before, after, 1)
    return sign(content) + content


BYTES = {
    "no Date": ("MSG-1", changed(b"Date:", b"X-Date:"), "no Date"),
    "two subjects": ("MSG-1", changed(b"Subject:", b"Subject: a\r\nSubject:"), "2 Subject headers"),
    "no Message-ID": ("MSG-1", changed(b"Message-ID: <", b"Message-ID: "), "Message-ID is none"),
    "a date that is none": ("MSG-1", changed(b"Date: ", b"Date: on "), "Date is none"),
    "several Reply-To": (
        "MSG-1",
        changed(b"To: ", b"Reply-To: a@b.example\r\nReply-To: c@d.example\r\nTo: "),
        "several Reply-To headers",
    ),
    "to somebody else": ("MSG-1", changed(b"eva@acme.example", b"ann@acme.example"), "To names"),
    "parts without an end": ("MSG-1", GOOD[:-30] + b"\r\n", "cannot be read"),
    "a lone line feed": ("MSG-2", GOOD.replace(b"Hello Eva,\r\n", b"Hello Eva,\n"), "CR LF"),
    "a long line": (
        "MSG-2",
        changed(b"Subject: ", b"X-Long: " + b"x" * 999 + b"\r\nSubject: "),
        "998",
    ),
    "a changed body": ("AUTH-3", GOOD.replace(b"Hello Eva", b"Hello Eve"), "the body is not"),
    "unsigned": ("AUTH-3", built(letter(), signed=False), "not signed"),
    "no one-click": ("MSG-3", changed(b"List-Unsubscribe-Post", b"X-Post"), "no List-Unsub"),
    "not signed one-click": (
        "MSG-4",
        sign(built(letter(), signed=False).replace(b"List-Unsub", b"X-List-Unsub"))
        + built(letter(), signed=False),
        "List-Unsubscribe is not signed",
    ),
}


@pytest.mark.parametrize("name", BYTES)
def test_bytes_that_are_wrong(name: str) -> None:
    rule, content, said = BYTES[name]
    found = looked(content)
    assert rule in failing(found)
    assert said in found[rule].said
    assert found[rule].examples == ("user:U1",) and found[rule].key.startswith(f"{rule}:")


OTHER = ADDRESSES.leave(ROW + 1)
FORGED = f"{BASE}/u/{Tokens(b'another').sign('leave', ROW)}"
LEAVES = {
    "http": (LEAVE.replace("https:", "http:"), "MSG-3", "not https"),
    "another's": (OTHER, "MSG-5", "another recipient's"),
    "not ours": (FORGED, "MSG-5", "not signed here"),
    "elsewhere": ("https://leave.example/x", "MSG-5", "another page"),
    "with the address": (f"{LEAVE}?to={TO}", "MSG-5", "holds the recipient's address"),
    "with the address escaped": (f"{LEAVE}?to=eva%40acme.example", "MSG-5", "holds the rec"),
    "with the address in base64": (
        f"{BASE}/u/{b64encode(TO.encode()).decode().rstrip('=')}",
        "MSG-5",
        "holds the recipient's address",
    ),
}


@pytest.mark.parametrize("name", LEAVES)
def test_addresses_to_leave_by(name: str) -> None:
    address, rule, said = LEAVES[name]
    rendered = letter(html=HTML.replace(LEAVE, address), text=TEXT.replace(LEAVE, address))
    found = looked(built(rendered, leave=address))
    assert rule in failing(found) and said in found[rule].said


LINK = f'<a href="{LEAVE}" style="color:#555555">unsubscribe</a>'
LETTERS: dict[str, tuple[str, Rendered, str]] = {
    "no link in the HTML": ("MSG-7", letter(html=HTML.replace(LINK, "")), "in the HTML"),
    "no link in the text": ("MSG-7", letter(text=TEXT.replace(LEAVE, "")), "in the text"),
    "a link without text": ("MSG-7", letter(html=HTML.replace(">unsubscribe<", "> <")), "be seen"),
    "Re:": ("MSG-8", letter("Re: your order"), "“Re:”"),
    "WG:": ("MSG-8", letter("WG: Angebot"), "“WG:”"),
    "hidden text": (
        "MSG-9",
        letter(html=HTML.replace("<h1>", '<p style="font-size:0">cheap cheap</p><h1>')),
        "ok",
    ),
    "hidden text behind": (
        "MSG-9",
        letter(html=HTML.replace("<p>this", '<p style="display:none">cheap</p><p>this')),
        "hidden text (display:none): “cheap”",
    ),
    "a long preheader": (
        "MSG-9",
        letter(html=HTML.replace("What is new in spring", "word " * 80)),
        "over 300 characters before the letter",
    ),
    "another target": (
        "MSG-9",
        letter(html=HTML.replace("www.shop.example/all", "www.shop.com/all")),
        "www.shop.com/all leads to shop.example",
    ),
    "no text": ("MSG-10", letter(text=""), "no text part"),
    "too large": ("MSG-10", letter(html=HTML.replace("<h1>", f"<h1>{'long ' * 21_000}")), "102 kB"),
    "a mark of Liquid": ("MSG-11", letter(html=HTML.replace("Eva", "{{ name }}")), "{{ … }}"),
    "a mark in the text": ("MSG-11", letter(text=TEXT.replace("Eva", "{% x %}")), "{% … %}"),
    "a mark in the subject": ("MSG-11", letter("Hi *|FNAME|*"), "*| … |*"),
    "a mark in percents": ("MSG-11", letter(html=HTML.replace("Eva", "%FIRST_NAME%")), "%FIRST_"),
    "lorem ipsum": ("MSG-11", letter(html=HTML.replace("this is new", "Lorem ipsum")), "Lorem"),
    "no postal address": ("MSG-12", letter(html=HTML.replace("Quay", "Key")), "not in the HTML"),
    "none in the text": ("MSG-12", letter(text=TEXT.replace("Leeds", "")), "not in the text"),
}


@pytest.mark.parametrize("name", [name for name in LETTERS if name != "hidden text"])
def test_letters_that_are_wrong(name: str) -> None:
    rule, rendered, said = LETTERS[name]
    found = looked(built(rendered))
    assert failing(found) == {rule}
    assert said in found[rule].said


def test_a_way_out_as_white_as_the_ground() -> None:
    html = HTML.replace('color:#555555">unsub', 'color:#ffffff">unsub')
    found = looked(built(letter(html=html)))
    assert failing(found) == {"MSG-7", "MSG-9"}
    assert "cannot be seen" in found["MSG-7"].said
    assert "hidden text (#ffffff on #ffffff): “unsubscribe”" in found["MSG-9"].said


@pytest.mark.parametrize(
    "rendered",
    [
        letter(html=HTML.replace("Eva", "100 % of %2FEVA%2F, [sic], a|b")),
        letter(html="", text=TEXT),
        letter("Recommended for you"),
        letter(html=HTML.replace(">unsubscribe<", '><img src="x.png" alt="unsubscribe"><')),
        letter(html=HTML.replace("<title>News", "<title>{ &lt; News")),
        letter(text=TEXT + "https://shop.example/?q=%C3%BCBER%20\n"),
        LETTERS["hidden text"][1],
    ],
)
def test_what_is_fine(rendered: Rendered) -> None:
    assert failing(looked(built(rendered))) == set()


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"sender": "letters@shop.example"}, "From has no name"),
        ({"sender": "Shop <no-reply@shop.example>"}, "answers go to no-reply@shop.example"),
        ({"reply_to": "donotreply@shop.example"}, "answers go to donotreply@shop.example"),
    ],
)
def test_who_sends_it(more: dict[str, str], said: str) -> None:
    found = looked(built(letter(), **more))  # type: ignore[arg-type]
    assert failing(found) == {"MSG-13"} and said in found["MSG-13"].said


def test_a_reply_to_that_is_read_mends_it() -> None:
    more = {"sender": "Shop <no-reply@shop.example>", "reply_to": "ann@shop.example"}
    assert failing(looked(built(letter(), **more))) == set()  # type: ignore[arg-type]


def test_letters_that_stay_on_this_machine_need_no_key_and_no_https() -> None:
    here = "http://localhost:8460"
    leave = LEAVE.replace(BASE, here)
    rendered = letter(html=HTML.replace(LEAVE, leave), text=TEXT.replace(LEAVE, leave))
    content = built(rendered, leave=leave, signed=False)
    found = looked(content, surroundings(leaves=False, base=here))
    assert failing(found) == set()
    assert {n for n, one in found.items() if one.held == "not_asked"} == {"AUTH-3", "MSG-4"}
    assert failing(looked(content, surroundings(base=here))) == {"AUTH-3", "MSG-3", "MSG-4"}


def test_a_transactional_letter_needs_no_way_out() -> None:
    rendered = letter(html="<p>Your order is on its way</p>", text="Your order is on its way")
    content = built(rendered, stream="transactional", leave="")
    found = looked(content, surroundings(marketing=False))
    assert failing(found) == set()
    asked = {name for name, one in found.items() if one.held == "holds"}
    assert asked == set(RULES) - {"MSG-3", "MSG-4", "MSG-5", "MSG-7", "MSG-12"}


def test_many_are_counted_and_five_are_named() -> None:
    looking = Messages(surroundings())
    wrong = built(letter("Fwd: news"))
    for number in range(40):
        content = wrong if number % 4 == 0 else GOOD
        message = Outgoing(id=ROW, sender="r@shop.example", recipient=TO, content=content)
        looking.look(ROW, f"user:U{number}", message)
    (found,) = (one for one in looking.checks() if one.held == "fails")
    assert found.rule == "MSG-8" and found.people == 10 and len(found.examples) == 5
    assert found.said == "10 of 40 letters: it begins with “Fwd:” (10)"
    assert looking.seen == 40 and looking.domains == {"shop.example": 40}


def test_nothing_was_built() -> None:
    assert {one.held for one in Messages(surroundings()).checks()} == {"not_asked"}


def test_the_key_of_a_warning_changes_with_what_was_found() -> None:
    def key(*letters: Rendered) -> str:
        looking = Messages(surroundings())
        for one in letters:
            looking.look(
                ROW,
                "user:U1",
                Outgoing(id=1, sender="r@x.example", recipient=TO, content=built(one)),
            )
        return next(one.key for one in looking.checks() if one.rule == "MSG-8")

    re, fwd = letter("Re: a"), letter("Fwd: a")
    assert key(re) == key(letter("Re: b"))
    assert key(re) != key(fwd) != key(re, fwd)
    assert key(*[re] * 4) == key(*[re] * 7) != key(*[re] * 8)


def test_it_is_fast_enough_to_look_at_all() -> None:
    """Mean of 100 letters of 10 kB that differ in name and links; ten times what it takes here."""
    row = '<tr><td style="padding:4px">{} <a href="https://shop.example/{}/{}">see</a></td></tr>'
    contents = []
    for number in range(20):
        rows = "".join(row.format(f"Offer {n} for {number}", n, number) for n in range(90))
        html = HTML.replace("</h1>", f"</h1><table role='presentation'>{rows}</table>")
        contents.append(built(letter(html=html)))
    looking = Messages(surroundings())
    messages = [Outgoing(id=ROW, sender="r@x.example", recipient=TO, content=c) for c in contents]
    looking.look(ROW, "user:U1", messages[0])
    begin = time.process_time()
    for number in range(100):
        looking.look(ROW, "user:U1", messages[number % 20])
    each = (time.process_time() - begin) / 100
    assert len(contents[0]) > 9_000 and each < 0.01


def test_the_postal_address_has_to_be_known() -> None:
    found = looked(GOOD, surroundings(postal_address=""))
    assert failing(found) == {"MSG-12"} and "postal_address is empty" in found["MSG-12"].said
    assert POSTAL in TEXT
