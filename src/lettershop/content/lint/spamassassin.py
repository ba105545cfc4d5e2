"""What SpamAssassin says of a letter, where it is installed. It asks nobody outside (`-L`)."""

import re
import shutil
import subprocess
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from tempfile import TemporaryDirectory

import msgspec

from lettershop.content.letter import Rendered
from lettershop.content.lint.rule import Fault, as_finding
from lettershop.model.errors import Finding, Level

WARN, REFUSE = 2.0, 5.0
"""Points: good letters stay under the first; from the second on it is spam."""
_STATUS = re.compile(
    rb"^X-Spam-Status: \w+, score=(-?[\d.]+) .*?tests=(.*?)(?:\s+autolearn=|\s*\n\S)", re.M | re.S
)
_POINTS = re.compile(rb"^\s*(-?\d+\.\d+)\s+(\w+)\s", re.M)


class SpamScore(msgspec.Struct, frozen=True):
    """`rules`: name of each rule that was hit to its points, the worst first."""

    score: float
    rules: dict[str, float]


def spam_score(message: bytes, *, timeout: float = 60.0) -> SpamScore | None:
    """Of a whole message; some seconds. `timeout`: seconds. None where SpamAssassin is not
    installed, or did not answer."""
    program = shutil.which("spamassassin")
    if program is None:
        return None
    with TemporaryDirectory() as home:  # what it learns and remembers is nobody's
        try:
            found = subprocess.run(  # noqa: S603
                [program, "-L", "-t", "-x", "--cf=use_bayes 0", "--cf=use_auto_welcomelist 0"],
                input=message,
                capture_output=True,
                timeout=timeout,
                check=False,
                env={"HOME": home, "PATH": "/usr/bin:/bin:/usr/local/bin", "LC_ALL": "C"},
            )
        except (OSError, subprocess.TimeoutExpired):
            return None
    return _read(found.stdout)


def _read(answer: bytes) -> SpamScore | None:
    status = _STATUS.search(answer)
    if status is None:
        return None
    hit = {name.strip() for name in status.group(2).replace(b"\n", b"").split(b",")}
    points = {name.decode(): float(p) for p, name in _POINTS.findall(answer) if name in hit}
    worst = dict(sorted(points.items(), key=lambda item: -item[1]))
    return SpamScore(float(status.group(1)), worst)


def spam_findings(found: SpamScore | None, source: str = "") -> list[Finding]:
    """A warning above `WARN`, an error from `REFUSE`; nothing where nothing was said."""
    if found is None or found.score <= WARN:
        return []
    named = ", ".join(f"{name} {p:g}" for name, p in found.rules.items() if p >= 0.1)
    about = f"{found.score:g} points ({named})" if named else f"{found.score:g} points"
    level: Level = "error" if found.score >= REFUSE else "warning"
    return [as_finding(Fault("lint.spamassassin", about, "", level), source=source)]


def as_message(
    made: Rendered, *, sender: str, to: str, unsubscribe_url: str = "", date: float | None = None
) -> bytes:
    """A letter as a message of both parts, near enough to what leaves to be judged. `date`: seconds
    since 1970, None for now."""
    message = EmailMessage()
    domain = parseaddr(made.sender or sender)[1].rpartition("@")[2] or "example.com"
    message["From"], message["To"] = made.sender or sender, to
    message["Subject"] = made.subject
    message["Date"] = formatdate(date)
    message["Message-ID"] = make_msgid(domain=domain)
    if made.reply_to:
        message["Reply-To"] = made.reply_to
    if unsubscribe_url:
        message["List-Unsubscribe"] = f"<{unsubscribe_url}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(made.text)
    message.add_alternative(made.html, subtype="html")
    return message.as_bytes()
