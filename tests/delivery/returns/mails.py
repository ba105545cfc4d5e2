"""Mails for the tests of returns, made from a few words."""

LETTER = "<letter.1@news.acme.example>"


def mail(subject: str, body: str, **headers: str) -> bytes:
    """`in_reply_to="…"` becomes In-Reply-To."""
    said = {
        "From": "Bob <bob@client.example>",
        "To": "Ann <ann@acme.example>",
        "Date": "Mon, 23 Nov 2026 09:00:00 +0000",
        "Message-ID": "<own.1@client.example>",
        "Content-Type": "text/plain; charset=utf-8",
    }
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\n" for name, value in said.items() if value)
    return f"{head}Subject: {subject}\n\n{body}".encode()


def notification(
    fields: str,
    text: str = "It could not be delivered.",
    to: str = "ann@acme.example",
    letter: str = LETTER,
) -> bytes:
    """A delivery status notification; `fields`: the groups of recipients."""
    return f"""\
Return-Path: <>
From: Mail Delivery System <mailer-daemon@client.example>
To: <{to}>
Date: Mon, 23 Nov 2026 09:00:00 +0000
Message-ID: <notice.1@client.example>
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain

{text}

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.client.example

{fields}

--cut
Content-Type: text/rfc822-headers

Message-ID: {letter}
Subject: Our offer

--cut--
""".encode()


def complaint(address: str = "bob@client.example", kind: str = "abuse") -> bytes:
    return f"""\
From: <feedback@provider.example>
To: <fbl@acme.example>
Subject: complaint
Message-ID: <fbl.1@provider.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="cut"

--cut
Content-Type: text/plain

This is an email abuse report.
--cut
Content-Type: message/feedback-report

Feedback-Type: {kind}
User-Agent: Provider/1.0
Version: 1
Original-Rcpt-To: <{address}>

--cut
Content-Type: message/rfc822

Message-ID: {LETTER}
To: {address}
Subject: Our offer

Hello
--cut--
""".encode()


FAILED = """\
Final-Recipient: rfc822; bob@client.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <bob@client.example>: User unknown
"""
