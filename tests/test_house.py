"""The house keeps its order: floors, signposts, sizes (docs/explanation/architecture.md)."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src"

FLOORS: dict[str, float] = {
    # room or file, as a module: its floor. A room leans only on lower floors.
    "lettershop.model": 0,
    "lettershop.language": 1,
    "lettershop.planning": 2,
    "lettershop.lake": 2.5,  # the files that engines on many machines read
    "lettershop.engines.dense": 2.8,  # what engines that speak SQL have in common
    "lettershop.engines": 3,  # its signpost only; the engines in it are rooms of their own
    "lettershop.engines.duckdb": 3,
    "lettershop.engines.referee": 3,
    "lettershop.engines.spark": 3,
    "lettershop.outgoing": 3,  # requests that leave the house, and where they may go
    "lettershop.ready": 3.5,  # Django, for the rooms that have records
    "lettershop.only_added": 3.5,
    "lettershop.access": 4,
    "lettershop.cluster": 4,
    "lettershop.ingest": 4,
    "lettershop.profile": 4,
    "lettershop.segments": 4,
    "lettershop.compliance": 4,
    "lettershop.content": 4,
    "lettershop.discovery": 5,
    "lettershop.delivery": 5,
    "lettershop.campaigns": 6,
    "lettershop.desk": 6,
    "lettershop.reports": 6,
    "lettershop.app": 7,
    "lettershop.jobs": 7,
    "lettershop": 7.3,  # the public names: what `from lettershop import …` offers
    "lettershop.demo": 7.6,
    "lettershop.web": 8,
    "lettershop.cli": 8,
    "lettershop.up": 9,  # the server as a program: both doors together
}

LATE_ON_PURPOSE: dict[str, str] = {
    "lettershop": "asking for the version does not wait for the engine",
    "lettershop.cli.places": "a command is loaded when it is asked for: all take seconds",
    "lettershop.engines.spark.library": "an extra that is not always there, and slow to load",
}
"""Module: why it imports by name when it is used. tests/cli/test_places.py loads everything."""
LONG_ON_PURPOSE: dict[str, str] = {}
"""File: why it has to be longer than LONGEST. Best kept empty."""
LONGEST = 400


def module_name(path: Path) -> str:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_name(path): path for path in sorted(SOURCE.rglob("*.py"))}


def room(module: str) -> str:
    """The longest entry of FLOORS that holds the module."""
    while module not in FLOORS and "." in module:
        module = module.rpartition(".")[0]
    return module


def imports(tree: ast.Module, module: str, is_package: bool) -> Iterator[tuple[int, str]]:
    """(line, module) of everything of ours that is imported, under TYPE_CHECKING too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                depth = node.level - is_package
                here = module.split(".")[: len(module.split(".")) - depth]
                base = ".".join([*here, *([base] if base else [])])
            for alias in node.names:
                longer = f"{base}.{alias.name}"
                yield node.lineno, longer if longer in MODULES or longer in FLOORS else base


def hidden_imports(tree: ast.Module) -> Iterator[int]:
    """Lines of imports inside functions, and of calls that import by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inside = (n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom))
            yield from (n.lineno for n in inside)
        elif isinstance(node, ast.Call) and re.search(
            r"\b(__import__|import_module)$", ast.unparse(node.func)
        ):
            yield node.lineno


def faults(module: str, source: str, is_package: bool = False) -> list[str]:
    """What one module does against the order of the house."""
    tree, mine = ast.parse(source), room(module)
    hidden = () if module in LATE_ON_PURPOSE else hidden_imports(tree)
    found = [f"line {line}: import inside a function" for line in hidden]
    if mine == "lettershop" and module != mine:
        return [*found, f"{module} stands on no floor: enter it in FLOORS"]
    for line, other in imports(tree, module, is_package):
        if other.split(".")[0] != "lettershop":
            continue
        theirs = room(other)
        if theirs == "lettershop" and other != theirs:
            found.append(f"line {line}: {other} does not exist or stands on no floor")
        elif theirs != mine and FLOORS[theirs] >= FLOORS[mine]:
            found.append(
                f"line {line}: {mine} (floor {FLOORS[mine]:g}) leans on "
                f"{theirs} (floor {FLOORS[theirs]:g})"
            )
    return found


@pytest.mark.parametrize("module", MODULES)
def test_floors(module: str) -> None:
    path = MODULES[module]
    assert faults(module, path.read_text("utf-8"), path.name == "__init__.py") == []


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("lettershop.language.text", "from lettershop.planning import plan", "leans on"),
        ("lettershop.segments.book", "import lettershop.ingest.files", "leans on"),
        ("lettershop.engines.duckdb.run", "from lettershop.engines import referee", "leans on"),
        ("lettershop.engines.duckdb.run", "from ..referee import member", "leans on"),
        ("lettershop.model.facts", "from lettershop import Workspace", "leans on"),
        (
            "lettershop.planning.metrics",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import lettershop.app",
            "leans on",
        ),
        ("lettershop.app", "def f():\n    import json", "inside a function"),
        ("lettershop.app", "class A:\n  async def f(self):\n    from os import path", "inside a"),
        ("lettershop.app", "import importlib\nx = importlib.import_module('a')", "inside a"),
        ("lettershop.cellar", "x = 1", "stands on no floor"),
        ("lettershop.app", "import lettershop.cellar.wine", "stands on no floor"),
    ],
)
def test_floors_are_really_watched(module: str, source: str, fault: str) -> None:
    assert [fault in said for said in faults(module, source)] == [True]


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("lettershop.planning.metrics", "from lettershop.language import tree"),
        ("lettershop.language.text", "from lettershop.language.tree import And"),
        ("lettershop.language.text", "from .tree import And\nfrom ..model import errors"),
        ("lettershop.demo.company", "from lettershop.app import Workspace\nimport duckdb"),
    ],
)
def test_leaning_downwards_is_fine(module: str, source: str) -> None:
    assert faults(module, source) == []


@pytest.mark.parametrize("module", [m for m, p in MODULES.items() if p.name == "__init__.py"])
def test_every_room_has_a_signpost(module: str) -> None:
    signpost = ast.get_docstring(ast.parse(MODULES[module].read_text("utf-8"))) or ""
    assert len(signpost) > 20, f"{module}/__init__.py should say what happens here"


def tracked() -> list[Path]:
    """Every file that is or could be committed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    paths = (ROOT / name for name in listed.stdout.decode().split("\0") if name)
    return [path for path in paths if path.is_file()]


def test_no_file_grows_beyond_a_calm_size() -> None:
    code = {str(p.relative_to(ROOT)): p for p in tracked() if p.suffix == ".py"}
    long = {name for name, p in code.items() if len(p.read_text("utf-8").splitlines()) > LONGEST}
    assert long - set(LONG_ON_PURPOSE) == set(), "look for the second noun"
    assert set(LONG_ON_PURPOSE) - long == set(), "no longer long: take it off the list"


MACHINE = re.compile(
    # folders of one machine, and addresses packages are fetched from
    r"(?<![\w.~-])/(work|root|tmp|home/\w+|Users/\w+)/"
    r"|https?://[^\s/]*(pypi|pythonhosted|artifactory|nexus|devpi)|https?://\S+/simple\b"
    r"|\bpypi\.org|\bpythonhosted\.org"
)


def test_no_file_knows_one_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if path != Path(__file__) and b"\0" not in (raw := path.read_bytes())
        for match in MACHINE.finditer(raw.decode("utf-8", "replace"))
    ]
    assert found == []


@pytest.mark.parametrize("text", ["/work/main", "see /home/eva/shop", "https://pypi.org/simple"])
def test_machine_words_are_really_found(text: str) -> None:
    assert MACHINE.search(text + "/")


def test_the_lock_has_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "://" not in lock and "@" not in lock
    pins = [line for line in lock.splitlines() if line and line[0] not in " #"]
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.partition("\n")[2].strip())
    assert len(entries) == len(pins) > 20
    assert [e.splitlines()[0] for e in entries if "--hash=sha256:" not in e or "==" not in e] == []


@pytest.mark.parametrize("folder", ["tests/clients", "tools/assets"])
def test_the_locks_of_javascript_packages_name_no_addresses(folder: str) -> None:
    lock = (ROOT / folder / "package-lock.json").read_text("utf-8")
    assert "://" not in lock and '"resolved"' not in lock
    assert lock.count('"integrity": "sha512-') == lock.count('"node_modules/') > 0


def test_the_lock_holds_every_dependency() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    block = re.search(r"^dependencies = \[(.*?)^\]", project, re.S | re.M)
    assert block is not None
    names = re.findall(r'"([\w-]+)[><=~]', block.group(1))
    assert len(names) > 8
    assert [n for n in names if not re.search(rf"^{n}==", lock, re.M)] == []
