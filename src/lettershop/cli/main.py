"""The command `lettershop`: which commands there are, and where. A command is loaded when it is
asked for: all of them together take seconds."""

from collections.abc import Mapping
from typing import Annotated, Final

import typer

from lettershop.cli.endings import Doors
from lettershop.cli.places import Place, Places

PLACES: Final[Mapping[str, Place]] = {
    "init": Place("workspace", "init"),
    "up": Place("up", "up"),
    "web": Place("web", "web"),
    "loader": Place("loader", "loader"),
    "cluster": Place("cluster", "cluster"),
    "demo": Place("demo", "demo"),
    "import": Place("data", "import_"),
    "rates": Place("data", "rates"),
    "catalog": Place("data", "catalog"),
    "data": Place("feeds"),
    "items": Place("catalog_items"),
    "plan": Place("plan", "plan"),
    "apply": Place("plan", "apply"),
    "segment": Place(
        "segment",
        more={
            "changes": Place("changes", "changes"),
            "history": Place("changes", "history"),
            "versions": Place("version", "versions"),
            "draft": Place("version", "draft"),
            "diff": Place("version", "diff"),
            "publish": Place("version", "publish"),
            "discard": Place("version", "discard"),
            "remove": Place("version", "remove"),
            "pin": Place("pin", "pin"),
            "unpin": Place("pin", "unpin"),
            "pins": Place("pin", "pins"),
            "proof": Place("pin", "proof"),
        },
    ),
    "refresh": Place("refresh", "refresh"),
    "features": Place("features", "features"),
    "trait": Place("trait"),
    "contact": Place("contact"),
    "content": Place(
        "content",
        more={
            "import": Place("content_import", "import_"),
            "preview": Place("content_preview", "preview"),
            "send-test": Place("content_preview", "send_test"),
            "report": Place("content_preview", "report"),
            "proof": Place("content_prove", "proof"),
            "proofs": Place("content_prove", "proofs"),
            "accept": Place("content_prove", "accept"),
            "withdraw": Place("content_prove", "withdraw"),
            "test": Place("content_proof", "golden"),
            "text": Place("content_text", "text"),
        },
    ),
    "address": Place("hygiene"),
    "dkim": Place("dkim"),
    "doctor": Place("doctor", "doctor"),
    "providers": Place("providers"),
    "preflight": Place("preflight"),
    "mailbox": Place("mailbox", "mailbox"),
    "pull": Place("pull"),
    "user": Place("user"),
    "token": Place("token"),
    "source": Place("source"),
    "webhook": Place("webhook"),
    "campaign": Place("campaign", more={"results": Place("campaign_results", "results")}),
    "send": Place(
        "send",
        more={
            "links": Place("send_links", "links"),
            "repoint": Place("send_links", "repoint"),
        },
    ),
    "sender": Place("sender", "sender"),
    "worker": Place("worker", "worker"),
    "message": Place("message"),
    "returns": Place("returns", more={"notices": Place("notices", "notices")}),
    "consent": Place("consent"),
    "suppression": Place("suppression"),
    "person": Place("person"),
    "audit": Place("audit"),
    "records": Place("moving"),
    "backup": Place("operations", "backup"),
    "restore": Place("operations", "restore"),
    "rebuild": Place("operations", "rebuild"),
    "lake": Place("lake"),
    "version": Place("about", "version"),
}


class Lettershop(Places, Doors):
    """The root command."""

    places = PLACES


app = typer.Typer(
    cls=Lettershop,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="Exact segments of your contacts, accounts and events. Start with `lettershop demo`.",
)


def _version(wanted: bool) -> None:
    if wanted:
        PLACES["version"].found()()
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="As the command version."),
    ] = False,
) -> None:
    """Makes typer take it for a group although it registers nothing itself."""


def main() -> None:
    app(prog_name="lettershop")
