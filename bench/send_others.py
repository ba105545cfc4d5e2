"""What one would write without Lettershop: plain loops over recipients."""

import hashlib
import hmac
import re
import smtplib
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, formataddr, make_msgid
from typing import Final
from urllib.parse import quote

import dkim
from django.core.mail import get_connection, send_mail
from django.template import Context, Engine
from liquid import Environment

from bench.render_letter import SUBJECT, TEXT
from bench.send_letter import DOMAIN, HTML, SENDER, people

BASE: Final = "https://letters.acme.example"
SECRET: Final = b"a secret of the workspace"
_LINK: Final = re.compile(r'href="(https://[^"]*)"')


def plain(port: int, count: int, key: bytes) -> int:
    """python-liquid, EmailMessage, dkimpy, one smtplib connection: followed links, a signature of
    RSA-2048, an unsubscribe link of each recipient's own. Nothing is written down."""
    rendered = Environment(autoescape=True), Environment()
    subject, text = (rendered[1].from_string(said) for said in (SUBJECT, TEXT))
    html = rendered[0].from_string(HTML)
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number, (address, said) in enumerate(people(count)):
            leave = f"{BASE}/u/{token('leave', number)}"
            said = said | {"unsubscribe_url": leave, "preferences_url": f"{leave}/topics"}
            made = EmailMessage(policy=policy.SMTP)
            made["From"], made["To"] = SENDER, formataddr((said["account"]["name"], address))
            made["Subject"] = subject.render(said)
            made["Date"] = format_datetime(datetime.now(UTC))
            made["Message-ID"] = make_msgid(domain=DOMAIN)
            made["List-Unsubscribe"] = f"<{leave}>"
            made["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
            made.set_content(text.render(said))
            made.add_alternative(followed(html.render(said), number), subtype="html")
            content = made.as_bytes()
            signature = dkim.sign(content, b"b", DOMAIN.encode(), key)
            server.sendmail(f"r-{token('return', number)}@{DOMAIN}", [address], signature + content)
    return count


def followed(html: str, number: int) -> str:
    def led(found: re.Match[str]) -> str:
        if found[1].startswith(BASE):
            return found[0]
        said = token("click", number, found[1])
        return f'href="{BASE}/c/{said}?u={quote(found[1], safe="")}"'

    return _LINK.sub(led, html)


def token(use: str, number: int, bound: str = "") -> str:
    mac = hmac.digest(SECRET, f"{use} {number} {bound}".encode(), hashlib.sha256)
    return urlsafe_b64encode(mac[:16]).decode().rstrip("=").lower()


def django(port: int, count: int) -> int:
    """Django's templates and `send_mail`, all over one connection. No signature, no followed links,
    no addresses of their own."""
    engine = Engine()
    subject, html, text = (engine.from_string(spoken(said)) for said in (SUBJECT, HTML, TEXT))
    connection = get_connection(
        "django.core.mail.backends.smtp.EmailBackend", host="127.0.0.1", port=port
    )
    connection.open()
    sent = 0
    for address, said in people(count):
        context = Context(said)
        sent += send_mail(
            subject.render(context),
            text.render(context),
            SENDER,
            [address],
            html_message=html.render(context),
            connection=connection,
        )
    connection.close()
    return sent


def spoken(said: str) -> str:
    """Liquid in Django's words."""
    return said.replace(" | default: 'you'", "|default:'you'")
