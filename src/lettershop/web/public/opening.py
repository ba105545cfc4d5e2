"""The public pages of a workspace, put together; the server says `set_public(open_public(…))`."""

from collections.abc import Callable
from pathlib import Path

from lettershop.app.compliance import Compliance
from lettershop.app.public import RecordedWishes, addressees, hit_folder, tokens
from lettershop.delivery.tracking.parties import Emit
from lettershop.delivery.tracking.targets import Targets
from lettershop.model.clock import Clock
from lettershop.web.public.parties import Public


def open_public(
    data: Path, compliance: Callable[[], Compliance], emit: Emit, targets: Targets, clock: Clock
) -> Public:
    """`data`: the workspace's folder of that name. Jobs of the server (app/postoffice) refresh
    `targets` and settle what is hit."""
    targets.refresh()
    return Public(
        tokens=tokens(data),
        clock=clock,
        hits=hit_folder(data),
        targets=targets,
        addressees=addressees,
        wishes=RecordedWishes(compliance),
        emit=emit,
    )
