"""`lettershop user …`: who may sign in."""

import sys
from typing import Annotated

import typer
from rich.text import Text

from lettershop.access.models import User
from lettershop.access.principal import Role
from lettershop.access.users import (
    activate,
    create_user,
    deactivate,
    find_user,
    set_password,
    set_role,
)
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, print_json, show, table
from lettershop.cli.records import opened_records, seen, when

app = typer.Typer(no_args_is_help=True, help="People who sign in: add, change, disable.")

Address = Annotated[str, typer.Argument(metavar="EMAIL", help="The address they sign in with.")]
RoleOption = Annotated[
    Role, typer.Option(help="What they may: look; change data; also people, keys and settings.")
]
StdinOption = Annotated[
    bool,
    typer.Option(
        "--stdin", help="Read the password from the first line of stdin instead of making one up."
    ),
]


@app.command()
def add(
    email: Address,
    role: RoleOption = "viewer",
    stdin: StdinOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Add a person; prints a random password once.

    Examples:

        lettershop user add ann@example.com --role editor
    """
    given = _typed() if stdin else None
    with opened_records(workspace):
        user, password = create_user(email, role, given)
        _tell(user, None if stdin else password, as_json=as_json)


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List everybody who can or could sign in.

    Examples:

        lettershop user list
    """
    with opened_records(workspace):
        users = [*User.objects.order_by("-active", "email")]
    if as_json:
        print_json({"users": [record(user) for user in users]})
        return
    made = table("address", "role", "last sign-in")
    for user in users:
        made.add_row(user.email, user.role, seen(user.last_login) if user.active else "disabled")
    show(made)


@app.command()
def password(
    email: Address,
    stdin: StdinOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a person a new password, random and printed once; it ends their sessions.

    Examples:

        lettershop user password owner@localhost

        lettershop user password ann@example.com --stdin < password.txt
    """
    given = _typed() if stdin else None
    with opened_records(workspace):
        user = find_user(email)
        new = set_password(user, given)
        _tell(user, None if stdin else new, as_json=as_json)


@app.command()
def role(
    email: Address,
    role: Annotated[Role, typer.Argument(help="viewer, editor or owner.")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Give a person another role; the last owner stays one.

    Examples:

        lettershop user role ann@example.com owner
    """
    with opened_records(workspace):
        user = find_user(email)
        set_role(user, role)
        _tell(user, None, as_json=as_json)


@app.command()
def disable(
    email: Address,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Sign a person out and let them sign in no more; never the last owner.

    Examples:

        lettershop user disable ann@example.com
    """
    with opened_records(workspace):
        user = find_user(email)
        deactivate(user)
        _tell(user, None, as_json=as_json)


@app.command()
def enable(
    email: Address,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Let a disabled person sign in again.

    Examples:

        lettershop user enable ann@example.com
    """
    with opened_records(workspace):
        user = find_user(email)
        activate(user)
        _tell(user, None, as_json=as_json)


def record(user: User) -> dict[str, object]:
    return {
        "email": user.email,
        "role": user.role,
        "active": user.active,
        "created": when(user.created),
        "last_login": when(user.last_login),
    }


def _tell(user: User, password: str | None, *, as_json: bool) -> None:
    if as_json:
        print_json(record(user) | ({} if password is None else {"password": password}))
        return
    state = user.role if user.active else "disabled"
    show(Text.assemble((user.email, "bold"), f" is {state}."))
    if password is not None:
        show(Text.assemble("password: ", (password, "bold")))
        hint("it is shown this once; they can change it on the page of their account")


def _typed() -> str:
    return sys.stdin.readline().rstrip("\r\n")
