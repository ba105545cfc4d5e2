"""`lettershop demo`: a sample company, imported, segmented and explained."""

from pathlib import Path
from typing import Annotated

import typer
from rich.rule import Rule
from rich.text import Text

from lettershop.app import Workspace
from lettershop.cli import story, story_letters
from lettershop.cli.arrivals import imports_view, progress_bar, report_record
from lettershop.cli.options import JsonOption
from lettershop.cli.output import page, print_json
from lettershop.demo.letters import prove_letter
from lettershop.demo.workspace import fill, prepare
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
        typer.Option("--today", metavar="DATE", help="The day its two years end; default: today."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make up a company, import it, evaluate its segments, prove a letter and show what comes out.

    Can be repeated: an earlier demo in the folder is written again, anything else is left alone.

    Examples:

        lettershop demo

        lettershop demo tidewright --contacts 500
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
        if as_json:
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
            at = format_instant(now)
            record = {"path": str(path), "as_of": at, "imports": imports, "segments": rows}
            print_json(record | {"proof": proof})
            return
        with page() as out:
            out.print()
            about = "a made-up firm that sells business-travel software"
            out.print(Text.assemble(("Tidewright", "bold"), f", {about}: two years of its data."))
            out.print(Rule("what was imported", align="left", style="dim"))
            out.print(imports_view(reports))
            out.print()
            story.tell(workspace, now, found, out)
            story_letters.tell(proof, out)
            by_name = {c.segment.name: c.segment for c in found}
            who = next((who for _, who in story.examples(by_name)), "U00001")
            out.print(story.next_steps(path, None if today is None else format_instant(now), who))
