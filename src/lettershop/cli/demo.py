"""`lettershop demo`: a sample company, imported, segmented, written to and served."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.rule import Rule
from rich.text import Text

from lettershop.access.users import FIRST_OWNER
from lettershop.app import Workspace
from lettershop.cli import story, story_letters
from lettershop.cli.arrivals import imports_view, progress_bar, report_record
from lettershop.cli.demo_sending import later_view, send_campaign, sent_view, served_view
from lettershop.cli.options import JsonOption
from lettershop.cli.output import console, hint, page, print_json, show
from lettershop.content.proof.said import LetterProofAnswer
from lettershop.demo.letters import prove_letter
from lettershop.demo.readers import Reacted, react
from lettershop.demo.serving import serving
from lettershop.demo.workspace import fill, prepare, put_in_force
from lettershop.ingest.report import ImportReport
from lettershop.model.clock import DAY, FixedClock, SystemClock, format_instant, parse_instant

SEED = 7


def demo(
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="The folder: absent, empty or an earlier demo.")
    ] = Path("demo"),
    contacts: Annotated[
        int,
        typer.Option(
            "--contacts",
            min=50,
            max=200_000,
            envvar="LETTERSHOP_DEMO_CONTACTS",
            help="How many contacts; a tenth as many accounts, thirty times as many events.",
        ),
    ] = 2_000,
    seed: Annotated[int, typer.Option("--seed", help="Another seed makes another company.")] = SEED,
    today: Annotated[
        str | None,
        typer.Option(
            "--today",
            metavar="DATE",
            help="The day its two years end. Default: today; of another day nothing is served.",
        ),
    ] = None,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="End when all is there, also the campaign's letters.")
    ] = False,
    port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65535,
            help="Where it is served; 0 for any. Default: the setting port, if it is free.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make up a company, import it, segment it, send it a campaign, and serve it until Ctrl-C.

    Letters go to the built-in mailbox and nowhere else. Can be repeated: an earlier demo in the
    folder is written again, anything else is left alone. --json implies --no-serve.

    Examples:

        lettershop demo

        lettershop demo tidewright --contacts 500 --no-serve
    """
    now = SystemClock().now() if today is None else parse_instant(today)
    day = now - now % DAY
    clock = FixedClock(now)
    folder = prepare(path)
    with progress_bar(shown=not as_json) as tell:
        filling = fill(folder, contacts=contacts, seed=seed, today=day, clock=clock, tell=tell)
        reports = [*filling]
    with Workspace.open(folder, clock=clock) as workspace:
        found = story.changes(workspace, now)
        proof = prove_letter(workspace)
        if not as_json:
            as_of = None if today is None else format_instant(now)
            _tell(workspace, now, reports, found, proof)
            show(story.next_steps(path, as_of, _somebody(found)), Text())
        password = put_in_force(workspace) if today is None else None
    record = _record(path, now, reports, found) | {"proof": proof}
    if today is None:
        stays = not (no_serve or as_json)
        record |= _served(folder, seed, port, password, stays=stays, shown=not as_json)
    if as_json:
        print_json(record)


def _served(
    folder: Path, seed: int, port: int | None, password: str | None, *, stays: bool, shown: bool
) -> dict[str, object]:
    """The campaign is sent, and read by made-up readers. `stays`: it is then served until Ctrl-C;
    `shown`: people are told."""
    err = console(stderr=True)
    with serving(folder, port) as server:
        sent = send_campaign(folder, shown=shown)
        with err.status("made-up readers are reading") if shown else nullcontext():
            reacted = react(folder, seed) if sent.accepted else Reacted()
        if shown:
            show(sent_view(sent, reacted))
        if stays:
            show(served_view(server.url, password))
            hint("Ctrl-C ends it; `lettershop up` serves it again")
            server.wait()
    if shown and not stays:
        show(later_view(folder, password))
    owner = {"email": FIRST_OWNER, "password": password}
    return {"campaign": sent, "readers": reacted, "owner": owner}


def _tell(
    workspace: Workspace,
    now: int,
    reports: Sequence[ImportReport],
    found: Sequence[story.Change],
    proof: LetterProofAnswer | None,
) -> None:
    with page() as out:
        out.print()
        about = "a made-up firm that sells business-travel software"
        out.print(Text.assemble(("Tidewright", "bold"), f", {about}: two years of its data."))
        out.print(Rule("what was imported", align="left", style="dim"))
        out.print(imports_view(reports))
        out.print()
        story.tell(workspace, now, found, out)
        story_letters.tell(proof, out)


def _somebody(found: Sequence[story.Change]) -> str:
    by_name = {change.segment.name: change.segment for change in found}
    return next((who for _, who in story.examples(by_name)), "U00001")


def _record(
    path: Path, now: int, reports: Sequence[ImportReport], found: Sequence[story.Change]
) -> dict[str, object]:
    rows = [
        {
            "name": c.segment.name,
            "sentence": c.segment.sentence,
            "size": c.segment.size,
            "universe": c.segment.universe,
            "entered": c.entered,
            "left": c.left,
        }
        for c in found
    ]
    imports = [report_record(r) for r in reports]
    return {"path": str(path), "as_of": format_instant(now), "imports": imports, "segments": rows}
