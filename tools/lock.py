"""`make lock`: write requirements.lock again from pyproject.toml.

Pins that still fit stay as they are; `make lock ARGS=--upgrade` takes the newest allowed versions,
`ARGS="--upgrade-package NAME"` that of one package. Needs only Python: uv, which does the work,
lives in an environment that is thrown away afterwards. Packages come from wherever this machine's
pip gets them, and no address is written to the lock.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).parent.parent / "requirements.lock"
HEADER = "# Written by `make lock`: every package with the hashes of its files. Do not edit.\n"
COMPILE = [
    *("pip", "compile", "pyproject.toml", "--group", "dev"),
    *("--universal", "--python-version", "3.11", "--generate-hashes"),
    *("--no-emit-index-url", "--no-emit-find-links", "--no-annotate", "--no-header", "--quiet"),
]


def pip_setting(pip: list[str], name: str) -> str:
    """One of pip's settings, from the environment or its files; empty when it has none."""
    answer = subprocess.run(
        [*pip, "config", "get", f"global.{name}"], capture_output=True, text=True, check=False
    )
    return os.environ.get(f"PIP_{name.upper().replace('-', '_')}", answer.stdout.strip())


def sources(pip: list[str]) -> dict[str, str]:
    """Where pip looks for packages, in uv's words."""
    wanted = {
        "UV_DEFAULT_INDEX": "index-url",
        "UV_INDEX": "extra-index-url",
        "UV_FIND_LINKS": "find-links",
        "SSL_CERT_FILE": "cert",
    }
    found = {uv: pip_setting(pip, name) for uv, name in wanted.items()}
    return {uv: value for uv, value in found.items() if value} | {
        "UV_INDEX_STRATEGY": "unsafe-best-match"  # what pip does: all places count alike
    }


def main(arguments: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        programs = Path(folder, "Scripts" if os.name == "nt" else "bin")
        pip = [str(programs / "python"), "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", "uv"], check=True)
        new = Path(folder, LOCK.name)
        if LOCK.exists():
            new.write_text(LOCK.read_text())
        subprocess.run(
            [str(programs / "uv"), *COMPILE, *arguments, "-o", str(new)],
            cwd=LOCK.parent,
            env=os.environ | sources(pip),
            check=True,
        )
        LOCK.write_text(HEADER + new.read_text().removeprefix(HEADER))


if __name__ == "__main__":
    main(sys.argv[1:])
