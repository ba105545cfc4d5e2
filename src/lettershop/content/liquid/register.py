"""What the parts of a letter share while they are fitted: policies, reads, outcomes, blocks."""

from collections.abc import Mapping
from typing import Literal

from liquid import Token

from lettershop.content.letter import Block, Outcome, Path, Read
from lettershop.content.liquid.missing import Missing
from lettershop.content.liquid.origins import Origin
from lettershop.content.policies import ROOTS
from lettershop.content.template import Policy
from lettershop.model.errors import Finding, Level

Kind = Literal["value", "branch", "block", "loop"]
Site = tuple[str, int]
"""A tag: its file and where in it. The same tag in HTML and the text derived from it is one."""


ALWAYS = {*ROOTS} - {"contact", "account", "membership", "owner", "matched", "message"}
"""Names that are there for everybody."""
IDENTITY = ("contact", "id")
"""Every contact has one."""


def name_of(path: Path) -> str:
    return Read(path=path, guarded=False).name


def path_of(name: str) -> Path:
    return tuple(name.replace("[]", ".*").split("."))


class Register:
    """`recording` False: nothing is noted (lax texts, addresses)."""

    def __init__(self, policies: Mapping[str, Policy], recording: bool = True) -> None:
        self.policies = {path_of(name): policy for name, policy in policies.items()}
        self.recording = recording
        self.findings: list[Finding] = []
        self.outcomes: list[Outcome] = []
        self.blocks: list[Block] = []
        self.used: set[Path] = set()
        self._bits: dict[tuple[object, ...], int] = {}
        self._lines: dict[Path, set[int]] = {}
        self._bare: dict[Path, tuple[Token, Origin]] = {}

    def policy(self, path: Path) -> Policy | None:
        """That of the variable or of the nearest thing it is in."""
        for length in range(len(path), 0, -1):
            if found := self.policies.get(path[:length]):
                self.used.add(path[:length])
                return found
        return None

    def missing(self, path: Path, line: int, noted: bool) -> Missing:
        """`noted`: its use is an outcome; that a test finds it missing is none."""
        bit = self.value(path, "missing", line) if noted else 0
        return Missing(path, self.policy(path), bit)

    def value(self, path: Path, result: str, line: int) -> int:
        return self.bit("value", name_of(path), result, line, None)

    def bit(self, kind: Kind, name: str, result: str, line: int, site: Site | None) -> int:
        """The outcome as a number with one bit set; the same for the same thing."""
        if not self.recording:
            return 0
        key = (kind, name, result, site)
        if key not in self._bits:
            self._bits[key] = 1 << len(self.outcomes)
            self.outcomes.append(Outcome(kind=kind, name=name, result=result, line=line))
        return self._bits[key]

    def read(self, path: Path, guarded: bool, token: Token, origin: Origin) -> None:
        self._lines.setdefault(path, set()).add(origin.line(token.start_index))
        if not guarded:
            self._bare.setdefault(path, (token, origin))

    def reads(self) -> tuple[Read, ...]:
        return tuple(
            Read(path=path, guarded=path not in self._bare, lines=tuple(sorted(lines)))
            for path, lines in sorted(self._lines.items())
        )

    def conclude(self) -> None:
        """What can only be said when every part has been read."""
        for path, (token, origin) in self._bare.items():
            if path[0] not in ALWAYS and path != IDENTITY and self.policy(path) is None:
                name = name_of(path)
                self.say(
                    "unguarded",
                    f"“{name}” may be missing, and nothing says what to do then: whoever has none "
                    "gets no letter",
                    token,
                    origin,
                    "warning",
                    f'a text under [missing], "{name}" = "…", a default, or {{% if {name} %}}',
                )

    def block(self, name: str, conditions: tuple[str, ...], line: int) -> int | str:
        """Its number, or what is wrong with it: the parts of a letter may share a block, but then
        with the same conditions."""
        for number, known in enumerate(self.blocks):
            if known.name != name:
                continue
            if known.conditions != conditions:
                return f"block “{name}” has other conditions than on line {known.line}"
            return number
        self.blocks.append(Block(name=name, conditions=conditions, line=line))
        return len(self.blocks) - 1

    def say(
        self,
        what: str,
        message: str,
        token: Token | None,
        origin: Origin,
        level: Level = "error",
        hint: str = "",
    ) -> None:
        self.findings.append(finding(what, message, token, origin, level, hint))


def finding(
    what: str,
    message: str,
    token: Token | None,
    origin: Origin,
    level: Level = "error",
    hint: str = "",
) -> Finding:
    at = token.start_index if token is not None and token.start_index >= 0 else 0
    length = len(token.value) if token is not None and token.start_index >= 0 else 0
    return Finding(f"letter.{what}", message, level, hint, origin.span(at, length), origin.file)
