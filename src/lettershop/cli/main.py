"""The command `lettershop`: which commands there are."""

import typer

from lettershop.cli import data, demo, segment, workspace
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
app.command("demo")(demo.demo)
app.command("import")(data.import_)
app.command("rates")(data.rates)
app.command("catalog")(data.catalog)
app.add_typer(segment.app, name="segment")
app.command("version")(workspace.version)


def main() -> None:
    app(prog_name="lettershop")
