"""What is done about what comes back, told as stories; and what forgers can do: nothing."""

import msgspec
import pytest

from lettershop.delivery.returns.reading import read
from lettershop.delivery.returns.taking import Taking
from tests.delivery.returns.mails import FAILED, LETTER, complaint, mail, notification
from tests.delivery.returns.office import BOB, SECRET, Office


def bounce(status: str, said: str, **how: str) -> bytes:
    fields = f"""\
Final-Recipient: rfc822; bob@client.example
Action: failed
Status: {status}
Diagnostic-Code: smtp; 550 {status} {said}
"""
    return notification(fields, **how)


def test_a_dead_address_is_suppressed_at_once_and_the_manager_told() -> None:
    office = Office()
    office.take(notification(FAILED), office.address())
    (one,) = office.suppressed
    assert (one.address, one.reason, one.scope) == ("Bob@client.example", "bounce", "global")
    assert office.told and office.stopped == []
    (fact,) = office.facts.values()
    assert fact.name == "Email Bounced" and (fact.contact, fact.account) == ("user:bob", "client")
    assert fact.properties["bounce_class"] == "dead" and fact.properties["fault"] == "theirs"
    assert fact.properties["grade"] == "machine" and fact.properties["matched_by"] == "token"


def test_the_same_bounce_twice_is_one_fact() -> None:
    office = Office()
    for to in (office.address(), ""):
        office.take(notification(FAILED), to)
    assert len(office.facts) == 1


def test_perhaps_dead_needs_a_second_time_after_seven_days() -> None:
    office = Office()
    disabled = bounce("5.2.1", "The account is disabled")
    for day, suppressed in ((0, 0), (3, 0), (6, 0), (7, 1)):
        office.take(disabled, office.address(71 + day), day=day)
        assert len(office.suppressed) == suppressed


def test_a_full_mailbox_needs_three_in_a_row_over_two_weeks() -> None:
    office = Office()
    full = bounce("5.2.2", "mailbox full")
    for day, suppressed in ((0, 0), (5, 0), (13, 0), (14, 1)):
        office.take(full, office.address(71 + day), day=day)
        assert len(office.suppressed) == suppressed


def test_a_letter_bounces_once_however_often_that_is_told() -> None:
    office = Office()
    for status, said in (("5.2.2", "mailbox full"), ("5.2.1", "The account is disabled")):
        for day in (0, 8, 16, 24):
            office.take(bounce(status, said), office.address(), day=day)
    assert office.suppressed == []


def test_a_success_in_between_begins_anew() -> None:
    office = Office()
    full = bounce("5.2.2", "mailbox full")
    for day in (0, 7):
        office.take(full, office.address(71 + day), day=day)
    office.past.clear()  # a letter stayed
    office.take(full, office.address(71 + 15), day=15)
    assert office.suppressed == []


def test_two_full_bounces_are_no_three_however_far_apart() -> None:
    office = Office()
    for day in (0, 30):
        office.take(bounce("5.2.2", "mailbox full"), office.address(71 + day), day=day)
    assert office.suppressed == []


def test_our_own_fault_is_never_counted_against_the_person() -> None:
    office = Office()
    for day in range(20):
        office.take(bounce("5.7.1", "blocked by our spam filter"), office.address(), day=day)
    assert office.suppressed == [] and office.past == [] and office.against_stream == 20


def test_a_letter_at_fault_stops_its_send() -> None:
    office = Office()
    office.take(bounce("5.3.4", "message too large"), office.address())
    assert office.stopped == [BOB.send] and office.suppressed == []


def test_out_of_office_is_no_bounce() -> None:
    office = Office()
    said = mail("Automatic reply: Our offer", "Back on 7 December 2026", In_Reply_To=LETTER)
    office.take(said)
    (fact,) = office.facts.values()
    assert fact.name == "Email Auto Replied" and fact.properties["back_on"] == "2026-12-07"
    assert office.suppressed == [] and office.past == []


def test_a_complaint_and_a_wish_to_leave() -> None:
    office = Office()
    office.take(complaint())
    office.take(mail("Re: Our offer", "unsubscribe", In_Reply_To=LETTER))
    spam, left = office.suppressed
    assert (spam.reason, spam.scope) == ("complaint", "global")
    assert (left.reason, left.scope, left.stream) == ("unsubscribe", "stream", "marketing")
    assert {f.name for f in office.facts.values()} == {"Email Marked as Spam", "Unsubscribed"}
    assert all(f.properties["grade"] == "human" for f in office.facts.values())


def test_a_reply_is_told_and_two_replies_are_two_facts() -> None:
    office = Office()
    for number in "12":
        said = mail("Re: Our offer", "Yes!", In_Reply_To=LETTER, Message_ID=f"<{number}@client>")
        office.take(said)
    assert [f.name for f in office.facts.values()] == ["Email Replied"] * 2
    assert len(office.told) == 2


def test_a_delay_and_a_question_of_a_machine_do_nothing() -> None:
    office = Office()
    office.take(notification(FAILED.replace("failed", "delayed")), office.address())
    office.take(mail("x", "Click to confirm you are human", In_Reply_To=LETTER))
    assert office.suppressed == [] and office.facts == {}


# --- forgers ------------------------------------------------------------------------------------

ELSEWHERE = "<never.sent@acme.example>"


@pytest.mark.parametrize(
    "to", ["r-aaaaaaaaaaaaaaaaaaaaaaaa@news.acme.example", "ann@acme.example", ""]
)
def test_who_was_not_mailed_is_not_acted_on(to: str) -> None:
    office = Office()
    victim = FAILED.replace("bob@", "eve@")
    taken = office.take(notification(victim, letter=ELSEWHERE), to)
    assert taken.done == () and office.suppressed == [] and office.facts == {}


def test_a_token_acts_on_its_own_recipient_only() -> None:
    office = Office()
    office.take(notification(FAILED.replace("bob@", "eve@")), office.address())
    assert [one.address for one in office.suppressed] == ["Bob@client.example"]


def test_an_address_alone_is_only_half_believed() -> None:
    office = Office()
    office.take(notification(FAILED, letter=ELSEWHERE))
    assert office.suppressed == []
    (fact,) = office.facts.values()
    assert fact.properties["bounce_class"] == "perhaps_dead"
    assert fact.properties["matched_by"] == "address"


def test_a_complaint_that_anybody_can_have_made_up_only_ends_the_stream() -> None:
    office = Office()
    office.take(complaint().replace(LETTER.encode(), ELSEWHERE.encode()))
    (one,) = office.suppressed
    assert (one.reason, one.scope) == ("unsubscribe", "stream")


def test_what_a_provider_signed_is_believed() -> None:
    office = Office()
    said = read(notification(FAILED, letter=ELSEWHERE))
    signed = msgspec.structs.replace(said, signed=True)
    Taking(office, office, office, SECRET, office.clock).take(signed)
    assert [one.reason for one in office.suppressed] == ["bounce"]


def test_long_after_the_letter_an_address_alone_is_not_believed_at_all() -> None:
    office = Office()
    taken = office.take(notification(FAILED, letter=ELSEWHERE), day=30)
    assert taken.done == ()


def test_a_date_in_the_future_or_before_the_letter_is_not_believed() -> None:
    office = Office()
    raw = notification(FAILED).replace(b"Mon, 23 Nov 2026", b"Mon, 23 Nov 2037")
    office.take(raw, office.address())
    (fact,) = office.facts.values()
    assert fact.at == office.clock.now()


def test_forwarded_to_several_one_dead_reader_is_not_the_recipient() -> None:
    others = "".join(
        FAILED.replace("bob@client", f"{name}@list").replace("5.1.1", status) + "\n"
        for name, status in (("x", "5.1.1"), ("y", "5.2.2"))
    ).replace("550 5.2.2 <y@list.example>: User unknown", "552 mailbox full")
    office = Office()
    office.take(notification(others), office.address())
    assert office.suppressed == []
