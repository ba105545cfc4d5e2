"""What `lettershop content` draws."""

from collections.abc import Iterator
from typing import assert_never

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from lettershop.app.templates import ListedTemplate, TemplateListing, TemplateState
from lettershop.cli.output import number, table
from lettershop.content.template import (
    Data,
    Events,
    Fallback,
    Hide,
    Items,
    LastEvent,
    Outside,
    Policy,
    Records,
    Skip,
    Template,
)

STYLES: dict[TemplateState, str] = {
    "in force": "green",
    "changed": "yellow",
    "new": "cyan",
    "not in the folder": "dim",
}


def listing_view(listing: TemplateListing) -> Table:
    made = table("name", "subject", "languages", "stream", "version", "state", right=("version",))
    for one in listing.templates:
        made.add_row(*_row(one))
    for name, findings in listing.broken.items():
        errors = [finding for finding in findings if finding.level == "error"]
        told = Text(f"has errors: {errors[0].message}", "red")
        made.add_row(Text(name, "bold"), "", "", "", "", told)
    return made


def _row(one: ListedTemplate) -> Iterator[RenderableType]:
    yield Text(one.name, "bold")
    yield Text(one.subject)
    yield Text(", ".join(one.languages))
    yield one.stream or ""
    yield number(one.version)
    yield Text(one.state, STYLES[one.state])


def template_view(template: Template) -> Group:
    """Everything the front matter says."""
    parts: list[RenderableType] = [Text(template.title or template.name, "bold")]
    if template.description:
        parts.append(Text(template.description))
    facts = table("", "")
    facts.show_header = False
    for label, said in (
        ("name", template.name),
        ("stream", template.stream),
        ("from", template.sender or "the setting sender"),
        ("replies to", template.reply_to or "the same"),
        ("digest", template.digest),
    ):
        facts.add_row(Text(label, "dim"), Text(said))
    parts += [facts, _variants(template)]
    if template.data:
        parts.append(_data(template))
    parts += _policies(template)
    return Group(*parts)


def _variants(template: Template) -> Table:
    made = table("language", "subject", "preheader", "file", "text part", title="languages")
    for variant in template.variants:
        language = Text(variant.language or "default", "" if variant.language else "dim")
        cells = (variant.subject, variant.preheader, variant.source, variant.text_source)
        *texts, written = (Text(cell) for cell in cells)
        made.add_row(language, *texts, written if written else Text("derived", "dim"))
    return made


def _data(template: Template) -> Table:
    made = table("name", "comes from", title="data")
    for name, source in template.data.items():
        made.add_row(Text(name, "bold"), Text(data_words(source)))
    return made


def _policies(template: Template) -> Iterator[Table]:
    said = [
        (variant.language, name, policy)
        for variant in template.variants
        for name, policy in variant.missing.items()
        if not variant.language or template.variants[0].missing.get(name) != policy
    ]
    if said:
        made = table("variable", "where it is missing", "language", title="missing values")
        for language, name, policy in said:
            made.add_row(Text(name, "bold"), Text(policy_words(policy)), language)
        yield made


def data_words(source: Data) -> str:
    """Where values come from, in a few words."""
    match source:
        case LastEvent():
            return f"the last “{source.event}”{_whose(source)}{_where(source.where)}"
        case Events():
            last = f"the last {source.limit} “{source.event}”"
            return f"{last}{_whose(source)}{_where(source.where)}"
        case Records():
            order = f", by {source.order}" if source.order else ""
            return f"up to {source.limit} {source.kind} records{_where(source.where)}{order}"
        case Items():
            ways = ", else ".join(way.replace("_", " ") for way in source.choose)
            return f"up to {source.limit} items of the catalog “{source.catalog}”: {ways}"
        case Outside():
            return f"{source.url} (at most {source.timeout:g} s, kept {source.cache:,} s)"
        case _:
            assert_never(source)


def policy_words(policy: Policy) -> str:
    match policy:
        case Fallback():
            return f"say “{policy.text}”"
        case Hide():
            return "leave out the block around it"
        case Skip():
            return f"no letter: {policy.reason}"
        case _:
            assert_never(policy)


def _whose(source: LastEvent | Events) -> str:
    return " of the account's people" if source.by_account else " of the contact"


def _where(text: str) -> str:
    return f" where {' '.join(text.split())}" if text else ""
