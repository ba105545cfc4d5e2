"""Every error and finding code with its message and hint, read from the source, not run."""

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parent.parent / "src" / "lettershop"
CODE = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
"""What a code looks like: `time.no_zone`."""


class Code(NamedTuple):
    code: str
    kind: str
    message: str
    hint: str


Known = dict[str, ast.expr]


def wording(node: ast.expr | None, known: Known) -> str:
    """A message as a reader meets it: the moving parts become `…`.

    `known` holds what was assigned to local names before.
    """
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(wording(p, known) if isinstance(p, ast.Constant) else "…" for p in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return wording(left, known) + wording(right, known)
        case ast.IfExp(body=body, orelse=other):
            both = {wording(body, known): None, wording(other, known): None}
            return " / ".join(text for text in both if text)
        case ast.Name(id=name) if name in known:
            return wording(known[name], {k: v for k, v in known.items() if k != name})
        case None:
            return ""
        case _:
            return "…"


def is_code(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and bool(CODE.fullmatch(str(node.value)))


def codes_in(source: str, kinds: Mapping[str, str]) -> Iterator[Code]:
    """Every call with a code and a message among its arguments, and every table from code to
    message. `kinds` names the callables we know; the rest make findings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            yield from _table(node)
        elif isinstance(node, ast.FunctionDef):
            known: Known = {}
            for inside in sorted(_steps(node), key=lambda n: (n.lineno, n.col_offset)):
                if isinstance(inside, ast.Assign) and isinstance(inside.targets[0], ast.Name):
                    known[inside.targets[0].id] = inside.value
                elif isinstance(inside, ast.Call) and (code := _code(inside, known, kinds)):
                    yield code


def _steps(function: ast.FunctionDef) -> Iterator[ast.Assign | ast.Call]:
    return (n for n in ast.walk(function) if isinstance(n, ast.Assign | ast.Call))


def _table(node: ast.Dict) -> Iterator[Code]:
    """Reasons for refusing a row are a table: they are counted by code."""
    for key, value in zip(node.keys, node.values, strict=True):
        if is_code(key) and isinstance(value, ast.Constant | ast.JoinedStr):
            yield Code(wording(key, {}), "refused row", wording(value, {}), "")


def _code(call: ast.Call, known: Known, kinds: Mapping[str, str]) -> Code | None:
    named = {k.arg: k.value for k in call.keywords if k.arg}
    at = next((i for i, argument in enumerate(call.args) if is_code(argument)), None)
    if at is None and not is_code(named.get("code")):
        return None
    after = [] if at is None else call.args[at + 1 :]
    message = named.get("message") or next(iter(after), None)
    said = wording(message, known)
    if not any(c.isalpha() or c == "…" for c in said):
        return None
    return Code(
        wording(named.get("code") if at is None else call.args[at], known),
        kinds.get(ast.unparse(call.func).rpartition(".")[2], "finding"),
        said,
        wording(named.get("hint"), known),
    )


def all_codes(kinds: Mapping[str, str]) -> list[Code]:
    """All of them, by code; of a code with several wordings each once."""
    found = {c for p in SOURCE.rglob("*.py") for c in codes_in(p.read_text("utf-8"), kinds)}
    return sorted({*found, *rules()})


def rules() -> Iterator[Code]:
    """Those of the lint, which are data."""
    said = tomllib.loads((SOURCE / "content" / "lint" / "rules.toml").read_text("utf-8"))
    for room, known in said.items():
        for name, rule in known.items():
            message = rule["message"].replace("{about}", "…")
            yield Code(f"{room}.{name}", "finding", message, rule["hint"])
