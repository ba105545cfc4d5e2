"""Signing is most of the work of sending; how fast it is hangs on which code OpenSSL takes.

For RSA with 2,048 bits OpenSSL has code for AVX2, for ADX and for AVX-512 IFMA, and chooses ADX
before AVX2. On AMD's processors without IFMA that is the slower choice: measured on EPYC with
OpenSSL 3.0 and 4.0, 1.5 times as slow. `OPENSSL_ia32cap` (its manual page) takes ADX out of what it
sees; all of this code runs in constant time. It has to be said before the process begins.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

VARIABLE: Final = "OPENSSL_ia32cap"
WITHOUT_ADX: Final = ":~0x80000"
"""Bit 19 of what CPUID leaf 7 says in EBX."""
PROCESSORS: Final = Path("/proc/cpuinfo")


def quick_signing(environment: Mapping[str, str], processors: Path = PROCESSORS) -> dict[str, str]:
    """`environment` for a process that signs much; as it is where it says something of its own, or
    nothing is known to be better."""
    known = dict(environment)
    try:
        said = processors.read_text("ascii", "replace")
    except OSError:
        return known
    words = set(said.split())
    if "AuthenticAMD" in words and {"adx", "avx2"} <= words and "avx512ifma" not in words:
        known.setdefault(VARIABLE, WITHOUT_ADX)
    return known
