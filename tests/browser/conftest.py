"""What browser tests stand on: the demo company, served by a real `lettershop up`.

`company`   its folder, made once for all test processes, with a campaign that was sent and read
`served`    a copy of it, served for the whole session: tests may add to it under names of their own
`fresh`     the address of a new, empty workspace, served for the session
`open`      opens a page as somebody: `open("editor", viewport=NARROW)`; see tests/browsing.py
`page`      opened as owner
`trouble`   what went wrong in the browser; must be empty at the end
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser.crawl import DRAFT
from browsing import PASSWORD, Open, Role, Trouble, context_of, launched, sign_in
from playwright.sync_api import Browser, Page, StorageState
from serving import Up

from lettershop.access.audit import LOCAL
from lettershop.access.keys import create_key, create_source
from lettershop.access.tokens import create_token
from lettershop.access.users import create_user
from lettershop.app import Workspace, records
from lettershop.app.settings import read_settings

CONTACTS = 400
ROLES: tuple[Role, ...] = ("viewer", "editor", "owner")
SLOWEST = 180.0
"""Seconds the demo company may take to be made on a busy machine."""


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Test processes share it: the first makes it, the others wait. LETTERSHOP_TEST_COMPANY names a
    folder that keeps it for the next run, while working on a test."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    shared = Path(os.environ.get("LETTERSHOP_TEST_COMPANY", shared))
    folder, ready, claim = shared / "company", shared / "company.ready", shared / "company.claim"
    try:
        claim.touch(exist_ok=False)
    except FileExistsError:
        until = time.monotonic() + SLOWEST
        while not ready.exists():
            assert time.monotonic() < until, "the demo company is not made"
            time.sleep(0.2)
        return folder
    lettershop("demo", str(folder), "--contacts", str(CONTACTS), "--no-serve", "--port", "0")
    draft = str(folder / "campaigns" / "your-route.toml")
    lettershop("campaign", "draft", draft, "--name", DRAFT, "-w", str(folder))
    add_people(folder)
    ready.touch()
    return folder


@pytest.fixture(scope="session")
def served(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with Up(copied(company, tmp_path_factory.mktemp("served"))) as up:
        yield up


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("fresh") / "shop"
    Workspace.init(folder)
    add_people(folder)
    with Up(folder) as up:
        yield up


# Not for the session: while Playwright runs, other tests of the process could not use asyncio.
@pytest.fixture(scope="module")
def browser(company: Path) -> Iterator[Browser]:
    with launched() as found:
        yield found


@pytest.fixture
def trouble() -> Iterator[Trouble]:
    found = Trouble()
    yield found
    assert found == []


@pytest.fixture(scope="session")
def signed_in() -> dict[tuple[str, Role], StorageState]:
    """Cookies of those who have signed in already."""
    return {}


@pytest.fixture
def open(
    browser: Browser,
    trouble: Trouble,
    signed_in: dict[tuple[str, Role], StorageState],
    request: pytest.FixtureRequest,
) -> Iterator[Open]:
    contexts = []

    def opened(role: Role | None = "owner", url: str = "", **options: Any) -> Page:
        url = url or request.getfixturevalue("served").url
        state = None if role is None else signed_in.get((url, role))
        context = context_of(browser, url, storage_state=state, **options)
        contexts.append(context)
        page = context.new_page()
        trouble.watch(page)
        if role is not None and state is None:
            sign_in(page, role)
            signed_in[url, role] = context.storage_state()
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def page(open: Open) -> Page:
    return open("owner")


def copied(company: Path, folder: Path) -> Path:
    """The company once more, below `folder`: to be changed."""
    return Path(shutil.copytree(company, folder / "demo"))


def add_people(folder: Path) -> None:
    """Somebody in every role: `viewer@example.com` and so on, with PASSWORD; a token and a key."""
    records.connect(folder, read_settings(folder, {}))
    try:
        records.migrate()
        for role in ROLES:
            create_user(f"{role}@example.com", role, PASSWORD)
        create_token("warehouse", "viewer", LOCAL)
        create_key(create_source("www", "website"))
    finally:
        records.disconnect()


def lettershop(*arguments: str) -> str:
    """What a command prints."""
    program = [sys.executable, "-c", "from lettershop.cli import main; main()", *arguments]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
