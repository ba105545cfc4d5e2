"""Which code OpenSSL is to take."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lettershop.delivery.dkim.processor import VARIABLE, WITHOUT_ADX, quick_signing

AMD = "vendor_id\t: AuthenticAMD\nflags\t\t: fpu bmi2 avx2 adx sha_ni\n"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (AMD, WITHOUT_ADX),
        (AMD.replace("sha_ni", "avx512ifma"), None),
        (AMD.replace("adx", ""), None),
        (AMD.replace("AuthenticAMD", "GenuineIntel"), None),
    ],
)
def test_only_where_it_is_known_to_be_better(
    tmp_path: Path, said: str, expected: str | None
) -> None:
    path = tmp_path / "cpuinfo"
    path.write_text(said)
    assert quick_signing({"A": "b"}, path) == {"A": "b"} | (
        {VARIABLE: expected} if expected else {}
    )
    assert quick_signing({VARIABLE: "0"}, path) == {VARIABLE: "0"}
    assert quick_signing({}, tmp_path / "absent") == {}


def test_signatures_are_the_same() -> None:
    program = (
        "from delivery.dkim.signed import signed, dns, key, verified;"
        "made = signed(b'From: a@shop.example\\r\\n\\r\\nhello\\r\\n');"
        "print(verified(made, dns(key())))"
    )
    said = os.environ | {VARIABLE: WITHOUT_ADX, "PYTHONPATH": os.pathsep.join((".", "tests"))}
    done = subprocess.run(
        [sys.executable, "-c", program], env=said, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[True]"
