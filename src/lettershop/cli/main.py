"""The command `lettershop`: which commands there are."""

import typer

from lettershop.cli import (
    contact,
    data,
    demo,
    operations,
    pull,
    segment,
    source,
    token,
    up,
    user,
    workspace,
)
from lettershop.cli.doors import Doors

app = typer.Typer(
    cls=Doors,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Exact segments of your contacts, accounts and events. Start with `lettershop demo`.",
)
app.command("init")(workspace.init)
app.command("up")(up.up)
app.command("demo")(demo.demo)
app.command("import")(data.import_)
app.command("rates")(data.rates)
app.command("catalog")(data.catalog)
app.add_typer(segment.app, name="segment")
app.add_typer(contact.app, name="contact")
app.add_typer(pull.app, name="pull")
app.add_typer(user.app, name="user")
app.add_typer(token.app, name="token")
app.add_typer(source.app, name="source")
app.command("backup")(operations.backup)
app.command("restore")(operations.restore)
app.command("rebuild")(operations.rebuild)
app.command("version")(workspace.version)


def main() -> None:
    app(prog_name="lettershop")
