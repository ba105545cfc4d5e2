"""`make docs`: writes docs/reference from the code; `tests/test_docs.py` fails when it is stale.

`PAGES` says which file comes from which function. With `--check` nothing is written; stale pages
are named and the exit code is 1.
"""

import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path

from lettershop.app.settings import PREFIX, all_settings
from lettershop.campaigns.preflight import rules
from lettershop.engines.duckdb import schema
from lettershop.language import json_schema
from lettershop.model import errors, values
from tools.codes import all_codes
from tools.reference_commands import commands_page
from tools.reference_language import language_page, table

REFERENCE = Path(__file__).parent.parent / "docs" / "reference"
NOTE = "<!-- Written by `make docs` from the code. Do not edit. -->\n\n"


def settings_page() -> str:
    rows = [
        (f"`{s.name}`", s.type, f"`{json.dumps(s.default, ensure_ascii=False)}`", s.sentence)
        for s in all_settings()
    ]
    return (
        f"# Settings\n\n{NOTE}They stand in `lettershop.toml` at the top of the workspace. "
        f"Each can also come from the environment, which wins: `{PREFIX}TIMEZONE`.\n\n"
        + table(["setting", "type", "default", "meaning"], rows)
    )


def errors_page() -> str:
    classes: list[type[errors.LettershopError]] = [
        errors.UsageError,
        errors.InputError,
        errors.DefinitionError,
        errors.NotFound,
        errors.WorkspaceError,
        errors.AccessError,
        errors.Unavailable,
    ]
    found = all_codes({c.__name__: c.__name__ for c in classes})
    return (
        f"# Errors and findings\n\n{NOTE}```text\n{inspect.getdoc(errors)}\n```\n"
        "\n## Exit codes\n\n"
        + table(
            ["code", "error"],
            [("0", "everything went well"), *((str(c.exit_code), c.__name__) for c in classes)],
        )
        + "\n## Codes\n\nThe code stays the same between versions; the wording may improve. "
        "`…` stands for what is filled in.\n\n"
        + table(
            ["code", "kind", "what happened", "what to try"],
            [(f"`{c.code}`", c.kind, c.message, c.hint) for c in found],
        )
    )


def tables_page() -> str:
    return (
        f"# Tables and values\n\n{NOTE}## Values\n\n{inspect.getdoc(values)}\n\n"
        f"## Tables\n\n```text\n{inspect.getdoc(schema)}\n```\n"
    )


def preflight_page() -> str:
    rows = [(o.id, o.level, o.title, o.sentence, o.asks, o.source) for o in rules().values()]
    return (
        f"# Preflight rules\n\n{NOTE}What is asked of every campaign before it leaves; see "
        "[Preflight](../explanation/preflight.md) for the words. `lettershop preflight rules ID` "
        "says what to do when one does not hold.\n\n"
        + table(["rule", "level", "title", "what has to hold", "asks", "source"], rows)
    )


def schema_page() -> str:
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "language.md": lambda: language_page(NOTE),
    "commands.md": lambda: commands_page(NOTE),
    "settings.md": settings_page,
    "errors.md": errors_page,
    "preflight.md": preflight_page,
    "tables.md": tables_page,
    "segment.schema.json": schema_page,
}


def stale() -> dict[str, str]:
    """File name to its right content, of those pages that are not right."""
    fresh = {name: page() for name, page in PAGES.items()}
    return {
        name: text
        for name, text in fresh.items()
        if not (REFERENCE / name).exists() or (REFERENCE / name).read_text("utf-8") != text
    }


def main(arguments: list[str]) -> int:
    changed = stale()
    for name, text in changed.items():
        print(f"docs/reference/{name}")
        if "--check" not in arguments:
            REFERENCE.mkdir(exist_ok=True)
            (REFERENCE / name).write_text(text, "utf-8")
    return 1 if changed and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
