"""What the tests of the examples share: a copy of one, its README followed to the letter."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data"
_CONSOLE = re.compile(r"```console\n(.*?)```", re.S)
_SIZE = re.compile(r"^\| `([^`]+)` \|.*\| ([\d,]+) \|$", re.M)


def readme(example: str) -> str:
    return (ROOT / "examples" / example / "README.md").read_text("utf-8")


def follow(example: str, folder: Path, *files: str) -> Path:
    """Do what the README's first console block says, in a copy of the example in `folder` that
    has the data at the same place; the workspace that comes of it. Skips without the data."""
    if absent := [file for file in files if not (DATA / file).is_file()]:
        pytest.skip(f"no {', '.join(absent)} in ../shared/data")
    shared = folder / "shared" / "data"
    shared.mkdir(parents=True)
    for file in files:
        (shared / file).symlink_to(DATA / file)
    workspace = folder / "main" / "examples" / example
    shutil.copytree(
        ROOT / "examples" / example,
        workspace,
        ignore=shutil.ignore_patterns("data", "sources", "lettershop.toml", ".gitignore"),
    )
    run(_CONSOLE.findall(readme(example))[0], folder / "main")
    return workspace


def run(block: str, folder: Path) -> None:
    """All `$ ` lines of a console block, in one shell; the first that fails ends it."""
    script = "\n".join(re.findall(r"^\$ (.*)$", block, re.M))
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", script],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def told_sizes(example: str) -> dict[str, int]:
    """Name → size in the README's table."""
    return {name: int(n.replace(",", "")) for name, n in _SIZE.findall(readme(example))}
