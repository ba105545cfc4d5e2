"""Keys: made, kept, read back, and refused with the file that is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from typer.testing import CliRunner, Result

from lettershop.app import Workspace
from lettershop.cli import app
from lettershop.delivery.dkim import KeyRing, create, dns_record, generate, keys_of, read_key
from lettershop.delivery.dkim.folder import WAIT
from lettershop.delivery.dkim.keys import zone_line
from lettershop.model.clock import FixedClock
from lettershop.model.errors import InputError
from tests.delivery.building.letters import AT
from tests.delivery.dkim.signed import key


def test_what_is_made_is_what_is_read(tmp_path: Path) -> None:
    made = create(tmp_path, "Büro.Example", "s1", now=AT)
    assert made.path == tmp_path / "xn--bro-hoa.example" / "s1.pem"
    assert made.path.stat().st_mode & 0o777 == 0o600 and not made.open_to_others
    assert made.path.parent.stat().st_mode & 0o777 == 0o700
    (read,) = keys_of(tmp_path)
    assert (read.key.domain, read.key.selector) == ("xn--bro-hoa.example", "s1")
    assert (read.key.kind, read.key.bits, read.key.active_from) == ("rsa", 2048, AT)
    assert dns_record(read.key) == dns_record(made.key)
    assert zone_line(made.key) in made.path.read_text()
    assert [*made.path.parent.iterdir()] == [made.path]


def test_a_key_that_follows_waits_for_dns(tmp_path: Path) -> None:
    first, second = (create(tmp_path, "shop.example", now=AT, bits=1024) for _ in range(2))
    beside = create(tmp_path, "shop.example", now=AT, kind="ed25519")
    other = create(tmp_path, "acme.example", now=AT, bits=1024)
    said = create(tmp_path, "shop.example", "x", now=AT, bits=1024, active_from=AT + 7)
    assert [k.key.active_from - AT for k in (first, second, beside, other, said)] == [
        *(0, WAIT, 0, 0, 7)
    ]
    assert [k.key.selector for k in (first, second, beside)] == [
        "ls202411",
        "ls202411b",
        "ls202411e",
    ]
    assert [k.key.selector for k in keys_of(tmp_path)] == [
        *("ls202411", "ls202411", "ls202411e", "x", "ls202411b")
    ]


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    made = create(tmp_path, "shop.example", "s1", now=AT, bits=1024)
    before = made.path.read_bytes()
    with pytest.raises(InputError) as refused:
        create(tmp_path, "shop.example", "S1", now=AT, bits=1024)
    assert refused.value.code == "dkim.exists"
    assert made.path.read_bytes() == before
    assert [*made.path.parent.iterdir()] == [made.path]


def test_a_file_of_another_program_signs_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "shop.example"
    folder.mkdir()
    (folder / "mail.pem").write_bytes(generate("shop.example", "mail", 1024).pem)
    (folder / "mail.pem").chmod(0o644)
    (found,) = keys_of(tmp_path)
    assert (found.key.selector, found.key.active_from, found.open_to_others) == ("mail", 0, True)


def test_a_ring_learns_of_new_keys_and_survives_a_broken_file(tmp_path: Path) -> None:
    clock = FixedClock(AT)
    ring = KeyRing(tmp_path, clock=clock)
    assert ring.signer().active("shop.example") == ()
    first = create(tmp_path, "shop.example", "s1", now=AT, bits=1024)
    assert [key.selector for key in ring.signer().active("shop.example")] == ["s1"]
    assert ring.signer() is ring.signer()
    create(tmp_path, "shop.example", "s2", now=AT, bits=1024)
    half = first.path.with_name("s3.pem")
    half.write_bytes(b"-----BEGIN PRIV")
    assert [key.selector for key in ring.signer().active("shop.example")] == ["s1"]
    assert ring.problem is not None and ring.problem.where == str(half)
    half.unlink()
    clock.advance(WAIT)
    assert [key.selector for key in ring.signer().active("shop.example")] == ["s2"]
    assert ring.problem is None


def test_dns_lines() -> None:
    line = generate("shop.example", "s1").dns
    name, _, rest = line.partition(" IN TXT ")
    strings = rest.removeprefix("( ").removesuffix(" )").split('" "')
    assert name == "s1._domainkey.shop.example."
    assert all(len(one.strip('"')) <= 255 for one in strings) and len(strings) == 2
    assert "".join(one.strip('"') for one in strings).startswith("v=DKIM1; k=rsa; p=MIIB")
    assert len(dns_record(key("e1", "ed25519"))) == len("v=DKIM1; k=ed25519; p=") + 44


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"", "dkim.key"),
        (b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "dkim.key"),
        (b"active-from: soon\n" + generate("a.example", "s", 1024).pem, "dkim.active_from"),
        (
            b"active-from: 2026-01-01T00:00\n" + generate("a.example", "s", 1024).pem,
            "dkim.active_from",
        ),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, said: bytes, code: str) -> None:
    (tmp_path / "shop.example").mkdir()
    (tmp_path / "shop.example" / "s1.pem").write_bytes(said)
    with pytest.raises(InputError) as refused:
        keys_of(tmp_path)
    assert refused.value.code == code
    assert refused.value.where.endswith("shop.example/s1.pem")


@pytest.mark.parametrize(
    "name",
    ["", "..", "../etc", "a b", "a\r\nb", "-a", "a..b", "x" * 64, "a/b", "ex;ample", "ü" * 80],
)
def test_names_that_are_not_in_dns(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError) as refused:
        create(tmp_path / "dkim", name, "s", now=AT)
    assert refused.value.code == "dkim.name"
    if name:
        with pytest.raises(InputError):
            create(tmp_path / "dkim", "shop.example", name, now=AT)
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("bits", [512, 1023, 4097, 0, -1])
def test_sizes_that_nobody_takes(bits: int) -> None:
    with pytest.raises(InputError) as refused:
        generate("shop.example", "s1", bits)
    assert refused.value.code == "dkim.bits"


def test_keys_that_cannot_sign_mail() -> None:
    usual = (Encoding.PEM, PrivateFormat.PKCS8)
    elliptic = generate_private_key(SECP256R1()).private_bytes(*usual, NoEncryption())
    locked = key().private.private_bytes(*usual, BestAvailableEncryption(b"word"))
    for pem in (elliptic, locked):
        with pytest.raises(InputError) as refused:
            read_key("shop.example", "s1", pem, where="s1.pem")
        assert (refused.value.code, refused.value.where) == ("dkim.key", "s1.pem")


def test_the_command_says_what_to_add_to_dns(tmp_path: Path) -> None:
    shop = Workspace.init(tmp_path / "shop")
    made = answer(shop, "create", "shop.example", "--bits", "1024")
    assert made["state"] == "signs" and made["dns"]["type"] == "TXT"
    assert made["dns"]["name"] == f"{made['selector']}._domainkey.shop.example"
    assert made["dns"]["value"].startswith("v=DKIM1; k=rsa; p=")
    later = answer(shop, "create", "shop.example", "--selector", "later")
    assert later["state"] == "waits"
    said = answer(shop, "create", "shop.example", "--selector=old", "--active-from=2020-01-01")
    states = {one["selector"]: one["state"] for one in answer(shop, "show")["keys"]}
    assert states == {made["selector"]: "signs", "later": "waits", "old": "replaced"}
    Path(said["path"]).chmod(0o640)
    shown = run(shop, "show", "shop.example")
    assert later["zone"] in shown.stdout.splitlines()
    assert "can be read by others" in shown.stderr and "1,024 bits" in shown.stderr
    assert "PRIVATE" not in shown.output
    assert answer(shop, "show", "acme.example") == {"keys": []}
    assert run(shop, "create", "shop.example", "--selector", "old").exit_code == 3
    created = run(shop, "create", "acme.example")
    assert "acme.example. IN TXT ( " in created.stdout and "signs from" in created.stderr


def run(shop: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["dkim", *arguments, "--workspace", str(shop)])


def answer(shop: Path, *arguments: str) -> Any:
    result = run(shop, *arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)
