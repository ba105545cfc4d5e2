"""What the demo does with its server: sends its campaign, has it read, says what to open."""

import time
from pathlib import Path
from typing import Final

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from lettershop.access.users import FIRST_OWNER
from lettershop.app.campaigning.answers import CampaignAnswer, Working
from lettershop.app.campaigning.desk import Draft
from lettershop.cli.campaign_views import checking
from lettershop.cli.campaigns import CampaignDesk, Progress, opened_campaigns
from lettershop.cli.output import number
from lettershop.demo.readers import Reacted

CAMPAIGN: Final = "your-route"
OVER: Final = ("done", "aborted", "paused", "draft")
LOOK: Final = 0.25
"""Seconds between two looks."""
PATIENCE: Final = 120.0
"""Seconds a campaign of some dozens of letters may take on a slow machine."""


class Sent(msgspec.Struct, frozen=True):
    """`state`: of the campaign; `accepted`: letters; `why`: what stood in the way, where it did."""

    state: str
    accepted: int = 0
    why: str = ""


def send_campaign(folder: Path, *, shown: bool) -> Sent:
    """Drafted, checked, approved and out, by the running server. A bar on stderr where `shown`."""
    file = folder / "campaigns" / f"{CAMPAIGN}.toml"
    said = Draft(text=file.read_text("utf-8"), source=str(file))
    with opened_campaigns(folder, as_json=True) as desk, checking(shown=shown) as tell:
        desk.write(CAMPAIGN, said)
        found = desk.check(CAMPAIGN, tell, lambda: False)
        if found.state != "checked":
            return Sent(found.state, why=found.problem or ", ".join(found.blocking))
        desk.approve(CAMPAIGN)
        found = _waited(desk, tell)
    figures = found.figures
    return Sent(found.state, figures.accepted if figures else 0, found.reason or found.problem)


def _waited(desk: CampaignDesk, tell: Progress) -> CampaignAnswer:
    until = time.monotonic() + PATIENCE
    found = desk.show(CAMPAIGN)
    while found.state not in OVER and time.monotonic() < until:
        if found.figures is not None:
            done = found.figures.planned - found.figures.open
            tell(Working(what="sending", done=done, total=found.figures.planned))
        time.sleep(LOOK)
        found = desk.show(CAMPAIGN)
    return found


def sent_view(sent: Sent, reacted: Reacted) -> Group:
    """What has left, and what made-up readers made of it."""
    lines: list[RenderableType] = [
        Rule("a campaign, sent to the built-in mailbox", align="left", style="dim")
    ]
    if sent.accepted:
        letters = f"{number(sent.accepted)} letters of {CAMPAIGN} have arrived there; nothing left"
        lines.append(Padding(Text(f"{letters} this machine."), (0, 2)))
        readers = (
            f"{number(reacted.clicked)} made-up readers follow a link, {number(reacted.left)} "
            "unsubscribes: it counts within a minute."
        )
        lines.append(Padding(Text(readers), (0, 2)))
    else:
        why = f"{CAMPAIGN} was not sent: {sent.why or sent.state}"
        lines.append(Padding(Text(why, style="yellow"), (0, 2)))
    return Group(*lines, Text())


def served_view(url: str, password: str | None) -> Group:
    """Where to go, who one is there, and what to click first."""
    known = password or "(as before)"
    first = "Your route, this week's fares"
    return Group(
        Text.assemble("Open      ", (url, "bold cyan")),
        Text.assemble("Sign in   ", (FIRST_OWNER, "bold"), "   password: ", (known, "bold")),
        Text.assemble(
            "Click     ", ("Campaigns", "bold"), f", then “{first}”: who got it, who followed its"
        ),
        Text.assemble(
            "          link; then ", ("Mailbox", "bold"), " for the letters as they arrived."
        ),
    )


def later_view(folder: Path, password: str | None) -> Text:
    """How it is served another time."""
    return Text.assemble(
        ("lettershop up -w ", "cyan"),
        (f"{folder}", "cyan"),
        f" serves it; sign in as {FIRST_OWNER}, password: ",
        (password or "(as before)", "bold"),
    )
