"""`lettershop token …`: the keys of programs that use the API."""

from datetime import timedelta
from typing import Annotated

import typer
from django.utils import timezone
from rich.text import Text

from lettershop.access.audit import LOCAL
from lettershop.access.models import Token
from lettershop.access.principal import Role
from lettershop.access.tokens import create_token, revoke_token
from lettershop.app.connecting import address
from lettershop.cli.options import JsonOption, WorkspaceOption
from lettershop.cli.output import hint, print_json, show, table
from lettershop.cli.records import opened_records, seen, when

app = typer.Typer(no_args_is_help=True, help="API tokens of programs: create, list, revoke.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="What the token is for.")]


@app.command()
def create(
    name: Name,
    role: Annotated[Role, typer.Option(help="What it may, as for people.")] = "viewer",
    days: Annotated[
        int | None,
        typer.Option(min=1, max=3_650, help="Days until it runs out; default: never."),
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Make an API token; its secret is printed once.

    Examples:

        lettershop token create "nightly export" --days 365

        lettershop token create crm --role editor --json
    """
    expires = None if days is None else timezone.now() + timedelta(days=days)
    with opened_records(workspace) as settings:
        token, secret = create_token(name, role, LOCAL, expires)
    if as_json:
        print_json(record(token) | {"token": secret})
        return
    show(Text.assemble("token: ", (secret, "bold")))
    hint("it is shown this once; try it:")
    hint(f'curl -H "Authorization: Bearer {token.prefix}…" {address(settings)}/api/v1/me')


@app.command("list")
def list_(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List all tokens, those that are revoked too.

    Examples:

        lettershop token list
    """
    with opened_records(workspace):
        tokens = [*Token.objects.order_by("revoked", "name")]
    if as_json:
        print_json({"tokens": [record(token) for token in tokens]})
        return
    made = table("name", "role", "begins with", "made by", "last used", "runs out")
    for token in tokens:
        ends = f"revoked {seen(token.revoked)}" if token.revoked else seen(token.expires)
        made.add_row(
            token.name, token.role, token.prefix, token.created_by, seen(token.last_used), ends
        )
    show(made)


@app.command()
def revoke(name: Name, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Make a token open nothing from now on.

    Examples:

        lettershop token revoke "nightly export"
    """
    with opened_records(workspace):
        token = revoke_token(name)
    if as_json:
        print_json(record(token))
    else:
        show(Text.assemble("The token ", (token.name, "bold"), " opens nothing any more."))


def record(token: Token) -> dict[str, object]:
    return {
        "name": token.name,
        "role": token.role,
        "prefix": token.prefix,
        "created_by": token.created_by,
        "created": when(token.created),
        "expires": when(token.expires),
        "last_used": when(token.last_used),
        "revoked": when(token.revoked),
    }
