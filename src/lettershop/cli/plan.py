"""`lettershop plan` and `lettershop apply`: the folder beside what is in force."""

import sys
from typing import Annotated

import typer
from rich.text import Text

from lettershop.app.plans import Applied, Plan
from lettershop.cli.endings import Failed
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, print_json, say, show
from lettershop.cli.plan_views import plan_view
from lettershop.cli.register import opened_register
from lettershop.model.errors import UsageError

CHANGES = 2
"""The exit code of `plan --exit-code` when there is something to apply."""

PruneOption = Annotated[
    bool, typer.Option("--prune", help="Remove what is in force and not in the folder.")
]
YesOption = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
YesSizeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--yes-size",
        metavar="NAME",
        help="This segment's size may move further than the setting size_guard allows; repeatable.",
    ),
]
NoteOption = Annotated[str, typer.Option("--note", help="Why, for those who read versions later.")]
SampleOption = Annotated[
    int, typer.Option("--sample", min=0, max=10, help="Show so many of those who enter or leave.")
]


def plan(
    prune: PruneOption = False,
    sample: SampleOption = 3,
    exit_code: Annotated[
        bool, typer.Option("--exit-code", help="End with 2 when there is something to apply.")
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what publishing segments/ and content/ would change: who would enter or leave, and why.

    Nothing is changed. Ends with 4 when a definition or a template has errors.

    Examples:

        lettershop plan

        lettershop plan --prune --exit-code --json
    """
    with opened_register(workspace, as_json=as_json) as register:
        found = register.plan(prune=prune, sample=sample)
    if as_json:
        print_json(found)
    else:
        show(plan_view(found))
        _say_next(found)
    if exit_code and not found.empty:
        raise Failed(CHANGES)


def apply(
    prune: PruneOption = False,
    yes: YesOption = False,
    yes_size: YesSizeOption = None,
    note: NoteOption = "",
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish segments/ and content/: show the plan, ask, and put all of it in force at once.

    A running server keeps what is published current. When a size would move further than the
    setting size_guard allows, each such segment needs its own yes.

    Examples:

        lettershop apply

        lettershop apply --yes --yes-size vips --note "spring cleaning" --json
    """
    allowed = yes_size or []
    with opened_register(workspace, as_json=as_json) as register:
        found = register.plan(prune=prune)
        if not as_json:
            show(plan_view(found))
        if not found.empty:
            agree(found, allowed, yes=yes, as_json=as_json)
        applied = register.apply(
            prune=prune,
            allow_size=allowed,
            revision=found.revision,
            fingerprint=found.fingerprint,
            note=note,
        )
    tell(applied, as_json=as_json)


def agree(plan: Plan, allowed: list[str], *, yes: bool, as_json: bool) -> None:
    """Ask, unless that was answered. UsageError where nobody can be asked."""
    refused = [name for name in plan.guarded if name not in allowed]
    if yes or refused:  # what is refused anyway need not be asked
        return
    if as_json or not at_terminal():
        message = "nobody can be asked here whether to go on"
        raise UsageError("usage", message, hint="add --yes when the plan is as you want it")
    typer.confirm("Publish this?", abort=True, err=True)


def tell(applied: Applied, *, as_json: bool) -> None:
    """What was done."""
    if as_json:
        print_json(applied)
        return
    for name, version in applied.versions.items():
        show(Text.assemble((name, "bold"), f" is in force as version {version}"))
    for name, version in applied.templates.items():
        show(Text.assemble("template ", (name, "bold"), f" is in force as version {version}"))
    for name in applied.templates_removed:
        show(Text.assemble("template ", (name, "bold"), " is no longer in force"))
    for name in applied.removed:
        show(Text.assemble((name, "bold"), " is no longer in force"))
    if applied.plan.empty:
        say("nothing to publish", style="green")


def _say_next(found: Plan) -> None:
    if found.empty:
        say("all of the folder is in force", style="green")
        return
    sizes = "".join(f" --yes-size {name}" for name in found.guarded)
    hint(f"lettershop apply{sizes} puts this in force")


def at_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty()
