"""Our bytes and our signature, beside the standard library and dkimpy, with the same letter."""

import time
from collections.abc import Callable
from email import policy
from email.message import EmailMessage

import dkim

from lettershop.delivery.building import Blueprint, StreamSettings
from lettershop.delivery.dkim import Signer, generate, read_key
from tests.delivery.building.letters import SENDER, rendered, slots
from tests.delivery.dkim.signed import DOMAIN

TEXT = "Guten Tag Eva, heute gibt es Schönes: https://letters.example/c/abcdefghijklmnopqrst\n" * 15
HTML = (
    '<tr><td style="padding:10px 25px;font-family:Arial">Guten Tag Eva, heute gibt es Schönes aus'
    ' Köln: <a href="https://letters.example/c/abcdefghijklmnopqrst">hier</a></td></tr>\n'
) * 55


def test_far_faster_than_the_usual_parts() -> None:
    """Eleven to twelve times when measured at leisure (docs/how-to/dkim.md); here only that nobody
    lost it on the way. The signature itself, which is the same work for both, is in it."""
    pem = generate(DOMAIN, "s1").pem
    letter, mine = rendered("Schönes aus Köln für Eva", HTML, TEXT), slots(name="Eva Grün")
    blueprint = Blueprint(StreamSettings(stream="marketing", sender=SENDER))
    signer = Signer([read_key(DOMAIN, "s1", pem)])

    def ours() -> None:
        content = blueprint.build(letter, mine)
        assert signer.sign(content) + content

    def usual() -> None:
        made = EmailMessage(policy=policy.SMTP)
        made["From"], made["To"], made["Subject"] = SENDER, "Eva Grün <e@acme.example>", "Schönes"
        made["Date"] = "Fri, 22 Nov 2024 09:34:56 +0000"
        made.set_content(TEXT)
        made.add_alternative(HTML, subtype="html")
        assert dkim.sign(
            made.as_bytes(), b"s1", DOMAIN.encode(), pem, canonicalize=(b"relaxed",) * 2
        )

    assert _seconds(usual, 5) > 5 * _seconds(ours, 20)


def _seconds(task: Callable[[], None], times: int) -> float:
    task()
    before = time.process_time()
    for _ in range(times):
        task()
    return (time.process_time() - before) / times
