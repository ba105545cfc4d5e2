"""Proof 2: what others say of the final bytes of our letters, as sender processes make them:
opendkim verifies them and minds one changed byte, SpamAssassin minds nothing but spam."""

import subprocess
from collections.abc import Sequence
from pathlib import Path
from random import Random

import pytest
from seeds import seed

from lettershop.app.sending.letters import SendingLetters
from lettershop.content.lint.spamassassin import spam_score
from lettershop.delivery.ledger import leasing
from lettershop.delivery.senders.parts import Built
from tests.mail_parts.programs import program
from tests.whole.world import DOMAIN, NOW, Person, World

PEOPLE = (
    Person("eva@client.example", "Eva Núñez", "Acme & Söhne"),
    Person("jo@client.example", "Jörg", "Grün GmbH", language="de"),
    Person("x" * 60 + "@client.example", "Wilhelmine-Theodora von und zu " * 2),
    Person("nobody.named@client.example"),
)


def built(shop: World, send: int) -> Sequence[Built]:
    """Its letters, as a sender process would have them on the wire."""
    rows = leasing.lease("tests", shop.start(send), 100, NOW() + 60_000, NOW())
    letters = SendingLetters(shop.folder / "data", shop.settings)
    letters.prepare(rows)
    found = [letters.build(row) for row in rows]
    assert all(isinstance(one, Built) for one in found), found
    return [one for one in found if isinstance(one, Built)]


@pytest.fixture
def bytes_of(shop: World) -> Sequence[bytes]:
    marketing, receipts = built(shop, shop.campaign(PEOPLE)), built(shop, shop.orders(PEOPLE))
    return [one.outgoing.content for one in (*marketing, *receipts)]


def test_opendkim_verifies_what_senders_make_and_minds_one_changed_byte(
    shop: World, bytes_of: Sequence[bytes], tmp_path: Path
) -> None:
    opendkim, conf = program("opendkim", "opendkim"), tmp_path / "conf"
    files: list[Path] = []
    (tmp_path / "dns").write_text("".join(f"{n} {s}\n" for n, s in shop.dns.items() if "_d" in n))
    conf.write_text(
        f"Mode v\nSyslog no\nTestDNSData {tmp_path / 'dns'}\nOn-BadSignature reject\n"
        "MinimumKeyBits 1024\nSendReports no\n"
    )
    random = Random(seed())
    for number, content in enumerate(bytes_of):
        for name, mail in (("good", content), ("bad", changed(content, random))):
            files.append(tmp_path / f"{number}.{name}.eml")
            files[-1].write_bytes(mail)
    command = [opendkim, "-x", str(conf), "-t", ",".join(map(str, files)), "-v"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    said = done.stdout + done.stderr
    for path in files:
        yes = f"{path}: verification (s=s1, d={DOMAIN}, 2048-bit key) succeeded" in said
        no = f"{path}: verification (s=s1 d={DOMAIN}, 2048-bit key, unknown) failed" in said
        assert (yes, no) == (".good." in path.name, ".bad." in path.name), said


def changed(content: bytes, random: Random) -> bytes:
    """With one letter of a line of text or of a signed header exchanged."""
    start = content.index(b"\r\nFrom:")
    at = random.choice([i for i in range(start, len(content)) if content[i : i + 1].isalpha()])
    other = b"q" if content[at : at + 1] not in b"qQ" else b"z"
    return content[:at] + other + content[at + 1 :]


def test_spamassassin_minds_nothing_in_them(bytes_of: Sequence[bytes]) -> None:
    program("spamassassin", "spamassassin")
    for content in (bytes_of[0], bytes_of[-1]):
        found = spam_score(content)
        assert found is not None and found.score < 2.0, found
