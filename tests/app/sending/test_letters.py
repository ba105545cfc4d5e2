"""From a row of the ledger to the message that leaves."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from urllib.parse import unquote

from app.sending.office import GERMAN, LETTER, Office, person
from delivery.dkim.signed import verified

from lettershop.app import records
from lettershop.app.public import tokens
from lettershop.app.sending.contract import Letters
from lettershop.app.sending.letters import SendingLetters
from lettershop.content.letter import Rendered
from lettershop.delivery.dkim import dns_record
from lettershop.delivery.dkim.folder import FOLDER, keys_of
from lettershop.delivery.ledger.content import Recipient, SendContent
from lettershop.delivery.ledger.rows import Row
from lettershop.delivery.returns.verp import unverp
from lettershop.delivery.senders.parts import Built, Withheld
from lettershop.delivery.tracking.links import read_link, read_pixel
from lettershop.model.clock import HOUR, MINUTE
from lettershop.model.settings import Settings


def built(office: Office, row: Row) -> Built:
    office.letters.prepare([row])
    found = office.letters.build(row)
    assert isinstance(found, Built), found
    return found


def parsed(found: Built) -> EmailMessage:
    made = message_from_bytes(found.outgoing.content, policy=policy.default)
    assert isinstance(made, EmailMessage)
    return made


def html(office: Office, row: Row) -> str:
    part = parsed(built(office, row)).get_body(("html",))
    assert part is not None
    return str(part.get_content())


def withheld(office: Office, row: Row) -> Withheld:
    office.letters.prepare([row])
    found = office.letters.build(row)
    assert isinstance(found, Withheld), found
    return found


def test_a_letter_is_rendered_written_and_signed(office: Office) -> None:
    (row,) = office.send([person(office.keep())])
    found = built(office, row)
    made = parsed(found)
    assert made["Subject"] == "News for Eva"
    assert made["From"] == "Ann Lee <ann@news.acme.example>"
    assert made["To"] == "Eva Stein <eva@xn--bcher-kva.example>"
    assert made["Feedback-ID"] == "campaign-1-1:news:marketing:news.acme.example"
    assert made["Message-ID"] == found.message_id
    assert found.outgoing.recipient == "eva@xn--bcher-kva.example"
    assert "Dear Eva in Köln &amp; Bonn" in html(office, row) and "4 seats" in html(office, row)
    assert made["Date"].datetime.timestamp() * 1_000 == office.clock.now()
    keys = [one.key for one in keys_of(office.data / FOLDER)]
    assert verified(found.outgoing.content, {k.dns_name: dns_record(k) for k in keys}) == [True]


def test_bounces_and_answers_to_leave_find_its_row(office: Office) -> None:
    (row,) = office.send([person(office.keep())])
    found, secret = built(office, row), records.secret_key(office.data).encode()
    assert unverp(secret, found.outgoing.sender) == row.id
    assert found.outgoing.sender.endswith("@news.acme.example")
    web, mail = re.findall("<(.*?)>", parsed(found)["List-Unsubscribe"])
    assert unverp(secret, mail.removeprefix("mailto:").partition("?")[0], "leave") == row.id
    assert parsed(found)["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    said = tokens(office.data).read("leave", web.rpartition("/")[2])
    assert said is not None and said.row == row.id
    assert web in html(office, row) and f"{web}/topics" in html(office, row)


def test_links_lead_over_us_and_say_where_to(office: Office) -> None:
    (row,) = office.send([person(office.keep())])
    followed = re.findall(
        r'href="https://letters.acme.example/c/(.*?)\?u=(.*?)"', html(office, row)
    )
    ((token, said),) = followed
    target = unquote(said)
    link = read_link(tokens(office.data), token, target)
    assert link is not None and (link.row, link.send) == (row.id, row.send)
    assert target.startswith("https://shop.example/offers?to=K")
    assert 'href="https://shop.example/terms"' in html(office, row)
    assert "data-ls" not in html(office, row) and "/o/" not in html(office, row)


def test_opens_are_counted_where_the_send_says_so(office: Office) -> None:
    (row,) = office.send([person(office.keep())], pixel=True)
    found = re.search(r'<img src="https://letters.acme.example/o/(.*?).gif"', html(office, row))
    assert found is not None
    link = read_pixel(tokens(office.data), found[1])
    assert link is not None and (link.row, link.send) == (row.id, row.send)


def test_everybody_reads_their_language(office: Office) -> None:
    digest = office.keep(de=GERMAN)
    people = [person(digest, "Eva", language="de"), person(digest, "Ann", language="fr")]
    rows = office.send(people)
    office.letters.prepare(rows)
    subjects = [parsed(built(office, row))["Subject"] for row in rows]
    assert subjects == ["Neues für Eva", "News for Ann"]


def test_an_edition_stays_as_it_was(office: Office) -> None:
    first = office.keep()
    office.keep(LETTER.replace("Dear", "Hello"))
    (row,) = office.send([person(first)])
    assert "Dear Eva" in html(office, row)


def test_who_gets_no_letter_is_told_why(office: Office) -> None:
    digest = office.keep()
    rows = office.send(
        [
            person(digest, "Eva", values={"contact": {"first_name": "Eva"}}),
            person(digest, "Ann", values={"account": {"seats": 12}}),
            person(digest, "Ben", address="ben at home"),
            person("0" * 16, "Dee"),
            person(digest, "Fay", values={"account": {"seats": 1, "teams": 0}}),
        ]
    )
    said = [withheld(office, row) for row in rows]
    assert said[0] == Withheld("suppressed", "skip: no city")
    assert said[1].kind == "failed" and said[1].reason.startswith("broken: “account.teams”")
    assert said[2].kind == "failed" and said[2].reason.startswith("address.invalid: ")
    assert said[3].kind == "failed" and said[3].reason.startswith("edition.unknown: ")
    assert said[4].kind == "failed" and said[4].reason.startswith("broken: ")


def test_a_message_that_was_tried_keeps_its_message_id(office: Office) -> None:
    (row,) = office.send([person(office.keep())])
    first = built(office, row)
    office.clock.advance(MINUTE)
    assert built(office, row).message_id == first.message_id
    (office.data / records.SECRET).write_text("another secret of the workspace, made later")
    later = SendingLetters(office.data, office.settings, clock=office.clock)
    later.prepare([row])
    unknown = Row(
        **{f: getattr(row, f) for f in Row.__struct_fields__} | {"message_id": first.message_id}
    )
    again, other = later.build(unknown), later.build(row)
    assert isinstance(again, Built) and isinstance(other, Built)
    assert again.message_id == first.message_id != other.message_id


def test_transactional_letters_have_nothing_to_leave(office: Office) -> None:
    (row,) = office.send(
        [person(office.keep())], "transactional:news", "transactional", "transactional"
    )
    made = parsed(built(office, row))
    assert "List-Unsubscribe" not in made and made["Auto-Submitted"] == "auto-generated"


def test_test_letters_count_nothing(office: Office) -> None:
    digest = office.keep()
    seed = person(digest, recipient=Recipient(name="Ops", test=True))
    (row,) = office.send([seed], pixel=True)
    assert 'href="https://shop.example/offers?to=K' in html(office, row)
    assert "/c/" not in html(office, row) and "/o/" not in html(office, row)


def test_without_a_key_a_letter_is_not_signed(office: Office) -> None:
    (row,) = office.send([person(office.keep())], sender="Ann <ann@other.example>")
    found = built(office, row)
    assert "DKIM-Signature" not in parsed(found)
    assert found.outgoing.content.startswith(b"From: Ann <ann@other.example>")


def test_without_a_return_address_bounces_go_to_the_sender(office: Office) -> None:
    letters: Letters = SendingLetters(office.data, Settings(), clock=office.clock)
    (row,) = office.send([person(office.keep())])
    letters.prepare([row])
    found = letters.build(row)
    assert isinstance(found, Built) and found.outgoing.sender == "ann@news.acme.example"
    assert b"mailto:" not in found.outgoing.content


def test_a_send_can_be_looked_at_before_it_is_in_the_ledger(office: Office) -> None:
    digest = office.keep()
    (row,) = office.send([person(digest)])
    sketched = Row(**{f: getattr(row, f) for f in Row.__struct_fields__} | {"send": 0})
    office.letters.introduce(
        0, "campaign:2:1", "marketing", SendContent(sender="Bo <bo@b.example>")
    )
    assert parsed(built(office, sketched))["From"] == "Bo <bo@b.example>"
    shown, plain = office.letters.rendered(sketched), office.letters.unfollowed(sketched)
    assert isinstance(shown, Rendered) and isinstance(plain, Rendered)
    assert "/c/" in shown.html and 'href="https://shop.example/offers' in plain.html
    assert "data-ls" not in plain.html


def test_what_nobody_needs_any_more_is_forgotten(office: Office) -> None:
    old, new = office.keep(), office.keep(LETTER + "<!-- 2 -->")
    (first,), (second,) = office.send([person(old)]), office.send([person(new)], "campaign:2:1")
    built(office, first)
    office.clock.advance(2 * HOUR)
    built(office, second)
    assert isinstance(office.letters.build(first), Withheld)
    assert isinstance(built(office, first), Built)
