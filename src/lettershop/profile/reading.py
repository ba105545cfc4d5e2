"""One file of traits -> drafts; whatever is wrong with it comes back as findings."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from rapidfuzz import process

from lettershop.language.places import Places
from lettershop.language.toml_text import toml_mistake
from lettershop.model.catalog import Catalog
from lettershop.model.errors import Finding
from lettershop.profile.build import Draft, activity, score, stage
from lettershop.profile.build_figures import rfm, rollup
from lettershop.profile.interests import interest
from lettershop.profile.table import Page, Table

LIMIT = 1024 * 1024
"""Bytes; a file of traits beyond this is somebody's mistake."""


def read_file(path: FilePath, source: str, catalog: Catalog) -> tuple[Page, list[Draft]]:
    page = Page(source, Places(""))
    try:
        if path.stat().st_size > LIMIT:
            return _refused(page, "trait.too_large", "the file is larger than 1 MB")
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        data = tomllib.loads(text)
    except OSError as error:
        return _refused(page, "trait.unreadable", f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        message = f"is not UTF-8 text (byte {error.start})"
        return _refused(page, "trait.encoding", message, "save the file as UTF-8")
    except RecursionError:
        return _refused(page, "trait.toml", "is nested too deeply")
    except tomllib.TOMLDecodeError as error:
        return _refused_toml(page, str(error), text)
    page.places = Places(text)
    return page, list(_drafts(page, data, catalog))


def _refused(page: Page, code: str, message: str, hint: str = "") -> tuple[Page, list[Draft]]:
    page.findings.append(Finding(code, message, hint=hint, source=page.source))
    return page, []


def _refused_toml(page: Page, problem: str, text: str) -> tuple[Page, list[Draft]]:
    said, span = toml_mistake(problem, text)
    message = f"is not valid TOML: {said}"
    hint = "a condition with quotes inside goes between ''' and '''"
    page.findings.append(Finding("trait.toml", message, "error", hint, span, page.source))
    return page, []


def _drafts(page: Page, data: Mapping[str, Any], catalog: Catalog) -> Iterator[Draft]:
    kinds: dict[str, Callable[[Table], Draft]] = {
        "score": score,
        "stage": stage,
        "activity": activity,
        "interest": lambda table: interest(table, catalog),
        "rfm": rfm,
        "rollup": rollup,
    }
    for key in data:
        if key not in kinds:
            near = process.extractOne(key, [*kinds], score_cutoff=60)
            hint = f"did you mean [[{near[0]}]]?" if near else f"known are {', '.join(kinds)}"
            page.say("trait.unknown_kind", f"unknown table “{key}”", (key,), hint)
    file = Table(page, (), data)
    for key, read in kinds.items():
        for table in file.tables(key):
            yield read(table)
