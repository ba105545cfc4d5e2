"""`lettershop trait …`: scores, stages, interests and other traits worked out from the facts."""

from typing import Annotated

import typer
from rich.console import Group
from rich.text import Text

from lettershop.app.traits import PartNow, TraitAnswer, TraitExplanation
from lettershop.cli.doors import opened
from lettershop.cli.endings import Failed
from lettershop.cli.options import AsOfOption, JsonOption, WorkspaceOption
from lettershop.cli.output import (
    console,
    hint,
    number,
    print_findings,
    print_json,
    say,
    show,
    table,
)
from lettershop.cli.views import UNITS
from lettershop.model.errors import DefinitionError, NotFound
from lettershop.profile.values import Value

app = typer.Typer(
    no_args_is_help=True, help="Scores, stages, interests: traits worked out from the facts."
)

Name = Annotated[str, typer.Argument(help="The trait's name.", metavar="NAME")]


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List all derived traits with their kind and how their values are spread.

    Examples:

        lettershop trait list

        lettershop trait list --json
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        found = shop.traits()
    if as_json:
        print_json({"traits": found.traits, "broken": found.broken})
        return
    if not found.traits and not found.broken:
        hint("no derived traits yet: write traits/NAME.toml")
        return
    made = table("name", "kind", "of", "known", "values", right=("known",))
    for trait in found.traits:
        known = number(trait.spread.known)
        made.add_row(
            Text(trait.name, "bold"), trait.kind, UNITS[trait.subject], known, _spread(trait)
        )
    for name, findings in found.broken.items():
        made.add_row(Text(name), "", "", "–", Text(f"has errors: {findings[0].message}", "red"))
    show(made)


@app.command("show")
def show_(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Show one derived trait: its rules and how its values are spread.

    Examples:

        lettershop trait show lead_score
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        found = shop.traits()
    trait = next((trait for trait in found.traits if trait.name == name), None)
    if trait is None:
        if name in found.broken:
            raise DefinitionError([*found.broken[name]])
        hint_ = "lettershop trait list shows them all"
        raise NotFound("trait.unknown", f"there is no derived trait “{name}”", hint=hint_)
    if as_json:
        print_json(trait)
        return
    head = Text.assemble((trait.title or trait.name, "bold"), f"  {trait.kind}, {trait.source}")
    fields = ", ".join(f"{field} ({kind})" for field, kind in trait.fields.items())
    show(head, Text(f"writes {fields} of {UNITS[trait.subject]}", "dim"), _parts(trait))
    show(Text(f"known of {number(trait.spread.known)}: "), _spread(trait))


@app.command()
def check(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say everything that is wrong with derived traits: file, line, column, what to try.

    Ends with exit code 4 when there is an error, with 0 when there are only warnings or less.

    Examples:

        lettershop trait check
    """
    with opened(workspace, as_json=as_json, say_age=False) as (shop, _):
        found = shop.traits()
    errors = sum(finding.level == "error" for finding in found.findings)
    if as_json:
        print_json({"errors": errors, "findings": found.findings})
    else:
        print_findings(found.findings, console())
        said = f"{number(errors)} error{'s' * (errors != 1)}" if errors else "no errors"
        say(
            f"{said} in {number(len(found.traits) + len(found.broken))} derived traits",
            style="bold red" if errors else "green",
        )
    if errors:
        raise Failed(DefinitionError.exit_code)


@app.command()
def compute(
    workspace: WorkspaceOption = None, as_of: AsOfOption = None, as_json: JsonOption = False
) -> None:
    """Work out all derived traits now, and store those that have changed.

    A running server does this by itself, whenever something changes. With --as-of the values are
    dated at that moment: go forward in time, to give new traits a history.

    Examples:

        lettershop trait compute

        lettershop trait compute --as-of 2026-03-01T00:00Z --json
    """
    with opened(workspace, as_of, as_json=as_json, say_age=False) as (shop, at):
        found = shop.compute_traits(at)
    if as_json:
        print_json({"traits": found})
        return
    if not found:
        hint("no derived traits yet: write traits/NAME.toml")
        return
    made = table("name", "worked out of", "changed", right=("worked out of", "changed"))
    for trait in found:
        made.add_row(trait.name, number(trait.subjects), number(trait.written))
    show(made)


@app.command()
def explain(
    name: Name,
    who: Annotated[
        str, typer.Argument(metavar="WHO", help="A user id or address; an account's id or name.")
    ],
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say why somebody's trait is what it is: each rule, its points, since when, last changes.

    Examples:

        lettershop trait explain lead_score ann@acme.example
    """
    with opened(workspace, as_of, as_json=as_json) as (shop, at):
        told = shop.explain_trait(name, who, at)
    if as_json:
        print_json(told)
    else:
        show(_explanation(told))


def _spread(trait: TraitAnswer) -> Text:
    spread = trait.spread
    if spread.average is not None:
        least, mean, most = _value(spread.least), _value(spread.average), _value(spread.greatest)
        return Text(f"{least} to {most}, {mean} on average")
    return Text(", ".join(f"{share.value} {number(share.count)}" for share in spread.values))


def _parts(trait: TraitAnswer) -> Group:
    made = table("part", "condition", "points", "how", right=("points",))
    for part in trait.parts:
        points = "" if part.points is None else _value(part.points)
        made.add_row(Text(part.name), Text(part.text), points, Text(part.how))
    return Group(made)


def _explanation(told: TraitExplanation) -> Group:
    measured = told.kind in ("rfm", "rollup")
    value = told.values[0].value if measured and told.values else told.value
    head = Text.assemble((told.who, "bold"), f": {told.trait} ", (_value(value), "bold green"))
    parts: list[Text | Group] = [head]
    if told.parts:
        parts.append(Group(_parts_now(told.parts)))
    if told.values:
        made = table("since", "value", title="values")
        for earlier in told.values:
            made.add_row(earlier.since, Text(_value(earlier.value)))
        parts.append(Group(made))
    if told.ledger:
        made = table("at", "", "part", "because of", title="ledger")
        for entry in told.ledger:
            made.add_row(entry.at, "+" if entry.began else "–", Text(entry.part), entry.cause)
        parts.append(Group(made))
    return Group(*parts)


def _parts_now(parts: tuple[PartNow, ...]) -> Group:
    made = table("", "part", "condition", "points", "since", right=("points",))
    for part in parts:
        points = "" if part.points is None else _value(part.points)
        mark = Text("✓", "green") if part.holds else Text("–", "dim")
        made.add_row(mark, Text(part.name), Text(part.text), points, part.since or "")
    return Group(made)


def _value(value: Value) -> str:
    match value:
        case None:
            return "not known"
        case tuple():
            return ", ".join(value)
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)
