"""A campaign that is being written: its form and its text, always two sides of the same.

`before` is the text both sides had in common when they were last shown. Whichever side differs from
it was edited, and the other follows. Where both do, whoever writes says which one counts.
"""

from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from lettershop.app.campaigning.known import compared
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.campaigns.reading import LIMIT, read_text
from lettershop.campaigns.writing import normal, words_in, written
from lettershop.model.errors import DefinitionError, Finding, LettershopError
from lettershop.web.pages.campaigns.fields import Fields, fields_of, words_of

Side = Literal["form", "text"]
Step = Literal["", "audience", "content", "schedule", "results"]
"""Of the form, "" for what concerns it as a whole."""
STEPS: Final[Mapping[str, Step]] = {
    "campaign.segment": "audience",
    "campaign.audience": "audience",
    "campaign.purpose": "audience",
    "campaign.topic": "audience",
    "campaign.stream": "audience",
    "campaign.content": "content",
    "campaign.variant": "content",
    "campaign.template": "content",
    "campaign.at": "schedule",
    "campaign.goal": "results",
    "campaign.compare": "results",
}
KEYS: Final[Mapping[str, Step]] = {
    **dict.fromkeys(("include", "exclude", "purpose", "topic", "stream"), "audience"),
    **dict.fromkeys(("holdout", "unit"), "audience"),
    **dict.fromkeys(("content", "variant", "pixel"), "content"),
    **dict.fromkeys(("at", "hold_minutes", "canary", "stop", "minutes", "percent"), "schedule"),
    **dict.fromkeys(("bounce", "complaint", "unsubscribe", "least"), "schedule"),
    **dict.fromkeys(("goal", "compare", "where", "days", "baseline", "effect"), "results"),
}


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """`won`: the side that was edited. `conflict`: both were. `campaign`: None while something is
    wrong with it. `readable`: the text is TOML, so that the form shows what it says."""

    name: str
    fields: Fields
    text: str
    before: str
    won: Side = "form"
    conflict: bool = False
    readable: bool = True
    campaign: Campaign | None = None
    findings: tuple[Finding, ...] = ()

    def of(self, step: Step) -> list[Finding]:
        return [one for one in self.findings if step_of(one) == step]


def opened(name: str, text: str) -> Sheet:
    """As it is kept."""
    said = normal(text)
    words = _words(said)
    fields = Fields() if words is None else fields_of(words)
    readable = words is not None
    return Sheet(name=name, fields=fields, text=said, before=said, readable=readable)


def edited(name: str, fields: Fields, text: str, before: str, prefer: Side | None) -> Sheet:
    """What was sent back: both sides, one of them changed. `prefer`: which counts, if both are."""
    text, before = normal(text[:LIMIT]), normal(before[:LIMIT])
    words = _words(before) or {}
    form_changed, text_changed = fields != fields_of(words), text != before
    said = _words(text)
    if form_changed and text_changed and prefer is None and _differ(fields, said):
        return Sheet(name=name, fields=fields, text=text, before=before, conflict=True)
    if prefer == "text" or (text_changed and prefer is None):
        if said is None:
            return Sheet(
                name=name, fields=fields, text=text, before=before, won="text", readable=False
            )
        return Sheet(name=name, fields=fields_of(said), text=text, before=text, won="text")
    made = written(words_of(fields, words), before) if form_changed else before
    return Sheet(name=name, fields=fields, text=made, before=made)


def judged(workspace: Workspace, sheet: Sheet) -> Sheet:
    """With everything that is wrong with it. Within a reader's snapshot, records connected."""
    if sheet.conflict:
        return sheet
    name = sheet.name or "new"
    try:
        campaign, found = compared(workspace, read_text(name, sheet.text, source_of(name)))
    except DefinitionError as error:
        return msgspec.structs.replace(sheet, findings=tuple(error.findings))
    except LettershopError as error:  # consent.toml cannot be read, say
        finding = Finding(error.code, error.message, "error", error.hint, None, error.where)
        return msgspec.structs.replace(sheet, findings=(finding,))
    return msgspec.structs.replace(sheet, campaign=campaign, findings=tuple(found))


def source_of(name: str) -> str:
    """How findings call the text."""
    return f"{name}.toml"


def step_of(finding: Finding) -> Step:
    """Where it belongs in the form: by its code, else by the key it names first."""
    if finding.code in STEPS:
        return STEPS[finding.code]
    quoted = finding.message.partition("“")[2].partition("”")[0]
    return KEYS.get(quoted, "")


def _differ(fields: Fields, said: Mapping[str, Any] | None) -> bool:
    return said is None or fields != fields_of(said)


def _words(text: str) -> dict[str, Any] | None:
    try:
        return words_in(text)
    except ValueError:
        return None
