"""The rules on two public collections of bounces (tools/bounces.sh), against labels of our own.

The goal is the decision “suppress for ever”: precision before recall. The first figures on the half
that the rules were not written on, and what was done then: docs/explanation/bounces.md.
"""

import hashlib
import os
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from lettershop.delivery.returns.reading import read

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
MAILS = ROOT / ".venv" / "bounces"
LABELS: dict[str, str] = tomllib.loads((HERE / "labels.toml").read_text("utf-8"))


def digest(mail: bytes) -> str:
    return hashlib.sha256(mail).hexdigest()[:16]


def mails() -> Iterator[tuple[str, bytes]]:
    for path in sorted(MAILS.glob("*/*/**/*")):
        if path.suffix in (".txt", ".msg") and path.parent.name in ("data", "corpus"):
            mail = path.read_bytes()
            yield digest(mail), mail


def judged(mail: bytes) -> str:
    found = read(mail)
    return found.worst if found.kind == "bounce" else found.kind


@pytest.fixture(scope="module")
def told() -> dict[str, tuple[str, str]]:
    """Digest -> (label, what we say), of the mails that are here."""
    found = {key: (LABELS[key], judged(mail)) for key, mail in mails() if key in LABELS}
    if not found and os.environ.get("CI") != "true":
        pytest.skip("the collections are not here: sh tools/bounces.sh .venv .venv/bounces")
    return found


def figures(told: dict[str, tuple[str, str]]) -> tuple[float, float]:
    """Precision and recall of “dead”."""
    hits = sum(label == said == "dead" for label, said in told.values())
    said_dead = sum(said == "dead" for _, said in told.values())
    are_dead = sum(label == "dead" for label, _ in told.values())
    return hits / said_dead, hits / are_dead


def test_every_mail_of_a_collection_has_a_label(told: dict[str, tuple[str, str]]) -> None:
    assert [key for key, _ in mails() if key not in LABELS] == []
    assert len(told) >= 117


@pytest.mark.parametrize("half", [0, 1])
def test_dead_addresses_are_known(told: dict[str, tuple[str, str]], half: int) -> None:
    precision, recall = figures({k: v for k, v in told.items() if int(k[0], 16) % 2 == half})
    assert precision >= 0.97
    assert recall >= 0.95


def test_people_are_not_suppressed_for_what_is_our_fault(
    told: dict[str, tuple[str, str]],
) -> None:
    ours = {key: said for key, (label, said) in told.items() if label in ("policy", "message")}
    assert {key: said for key, said in ours.items() if said in ("dead", "perhaps_dead")} == {}


def test_classes_are_right_nearly_always(told: dict[str, tuple[str, str]]) -> None:
    wrong = {key: v for key, v in told.items() if v[0] != v[1]}
    assert len(wrong) <= 0.02 * len(told), wrong
