"""What comes back is read for what it is."""

from datetime import date

import pytest

from lettershop.delivery.returns.reading import read
from tests.delivery.returns.mails import FAILED, LETTER, complaint, mail, notification


def test_a_notification_says_who_and_why() -> None:
    found = read(notification(FAILED), ["r-abc@news.acme.example"])
    assert found.kind == "bounce" and found.message_id == LETTER
    assert found.to == ("r-abc@news.acme.example", "ann@acme.example")
    one = found.affected[0]
    assert (one.address, one.action, one.status) == ("bob@client.example", "failed", "5.1.1")
    assert (one.bounce_class, one.rule) == ("dead", "dead.not_found")
    assert found.at == 1795424400000


@pytest.mark.parametrize("end", [b"\r\n", b"\r"])
def test_lines_may_end_in_any_way(end: bytes) -> None:
    assert read(notification(FAILED).replace(b"\n", end)).worst == "dead"


def test_each_recipient_has_its_own_class() -> None:
    other = """
Final-Recipient: rfc822; Eve@Client.example
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp; 552 5.2.2 mailbox full

Final-Recipient: rfc822; zoe@client.example
Action: delayed
Status: 4.4.1
"""
    found = read(notification(FAILED + other))
    classes = {one.address: one.bounce_class for one in found.affected}
    assert classes == {"bob@client.example": "dead", "eve@client.example": "full"}


@pytest.mark.parametrize(
    ("action", "kind"),
    [("delayed", "delayed"), ("delivered", "delivered"), ("relayed", "delivered")],
)
def test_not_every_notification_is_a_failure(action: str, kind: str) -> None:
    found = read(notification(FAILED.replace("failed", action).replace("5.1.1", "4.4.1")))
    assert found.kind == kind


def test_given_up_after_days_says_nothing_of_the_address() -> None:
    said = FAILED.replace("5.1.1", "4.4.7").replace("550 4.4.7", "450 4.2.0")
    assert read(notification(said)).worst == "temporary"


def test_a_bounce_without_a_part_for_machines() -> None:
    body = f"""\
Hi. This is the mail program at mx.client.example.

<bob@client.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <ann@acme.example>
Message-ID: {LETTER}
Subject: your mailbox is full of spam

<eve@other.example> over quota
"""
    found = read(mail("failure notice", body, From="MAILER-DAEMON@client.example"))
    assert (found.kind, found.worst, found.message_id) == ("bounce", "dead", LETTER)
    assert [one.address for one in found.affected] == ["bob@client.example"]


def test_a_complaint() -> None:
    found = read(complaint())
    assert (found.kind, found.message_id) == ("complaint", LETTER)
    assert [one.address for one in found.affected] == ["bob@client.example"]
    assert read(complaint(kind="not-spam")).kind != "complaint"


@pytest.mark.parametrize(
    ("subject", "body", "headers", "back"),
    [
        ("Automatic reply: Our offer", "I am back on 7 December 2026.", {}, date(2026, 12, 7)),
        ("Abwesenheitsnotiz: Angebot", "Ich bin bis 05.12. nicht im Büro.", {}, date(2026, 12, 5)),
        ("Réponse automatique", "De retour le lundi 4 janvier.", {}, date(2027, 1, 4)),
        ("Re: Our offer", "No date", {"Auto_Submitted": "auto-replied"}, None),
        ("Re: Our offer", "Thanks!", {"X_Autoreply": "yes"}, None),
        ("AW: Angebot", "Ich bin im Urlaub, wieder da ab 1. Dezember", {}, date(2026, 12, 1)),
        ("不在通知", "12月1日に戻ります", {}, date(2026, 12, 1)),
        ("Out of office", "back on 02/30/2026", {}, None),
        ("Out of office", "I was back on 3 March 2020", {}, None),
    ],
)
def test_out_of_office(subject: str, body: str, headers: dict[str, str], back: date | None) -> None:
    found = read(mail(subject, body, In_Reply_To=LETTER, **headers))
    assert (found.kind, found.back, found.message_id) == ("auto_reply", back, LETTER)


@pytest.mark.parametrize(
    ("subject", "body", "kind"),
    [
        ("Re: Our offer", "Sounds good, call me on Monday.\n\n> Hello Bob", "reply"),
        ("Re: Holiday offers: out of office guide", "Interesting!", "reply"),
        ("Re: Our offer", "unsubscribe", "unsubscribe"),
        ("Re: Our offer", "Hello Ann,\nplease remove me from your list.\nBob", "unsubscribe"),
        ("Re: Our offer", "Please do not email me again!", "unsubscribe"),
        ("AW: Angebot", "Bitte nehmen Sie mich aus dem Verteiler", "unsubscribe"),
        ("AW: Angebot", "Abmelden\n\nAm 1.1. schrieb Ann Lee:\n> Hallo", "unsubscribe"),
        ("RE: Offre", "Merci de me désinscrire", "unsubscribe"),
        ("RE: Oferta", "Quiero darme de baja", "unsubscribe"),
        ("Unsubscribe", "", "unsubscribe"),
        ("Re: Our offer", "How does one unsubscribe a colleague? We love it.", "reply"),
        ("Re: Our offer", "Good!\n\n> To unsubscribe, click here\n> unsubscribe", "reply"),
        ("Re: Our offer", "Please stop by our office, we want to remove the old contract", "reply"),
        ("Re: delivery problem", "Could you tell me where my order is?", "reply"),
        ("Please confirm", "Click the link to confirm that you are human: http://x", "challenge"),
        ("Cheap things", "Buy now", "other"),
    ],
)
def test_what_people_write(subject: str, body: str, kind: str) -> None:
    answers = {} if kind in ("other", "challenge") or subject == "Unsubscribe" else LETTER
    headers = {"In_Reply_To": answers} if isinstance(answers, str) else {}
    assert read(mail(subject, body, **headers)).kind == kind


def test_mail_to_the_unsubscribe_address_needs_no_words() -> None:
    token = "u-" + "a" * 20 + "@news.acme.example"
    assert read(mail("", "", To=token)).kind == "unsubscribe"
    machine = mail("", "", To=token, Auto_Submitted="auto-replied")
    assert read(machine).kind == "auto_reply"


def test_html_only() -> None:
    body = "<html><style>p {}</style><p>Hello&nbsp;Ann,</p><p>unsubscribe</p></html>"
    found = read(mail("Re: x", body, In_Reply_To=LETTER, Content_Type="text/html"))
    assert found.kind == "unsubscribe"
