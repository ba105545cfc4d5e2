"""The public pages of a workspace, put together; the server says `set_public(open_public(…))`."""

from pathlib import Path

from lettershop.app.compliance import Compliance
from lettershop.app.public import RecordedWishes, addressees, hit_folder, tokens
from lettershop.delivery.tracking.parties import Emit
from lettershop.delivery.tracking.targets import Targets
from lettershop.web.public.parties import Public


def open_public(data: Path, compliance: Compliance, emit: Emit) -> Public:
    """`data`: the workspace's folder of that name. Two jobs belong to it, every five seconds:
    `Settling(hit_folder(data), addressees, emit, clock).step` and its `targets.refresh`."""
    targets = Targets()
    targets.refresh()
    return Public(
        tokens=tokens(data),
        clock=compliance.clock,
        hits=hit_folder(data),
        targets=targets,
        addressees=addressees,
        wishes=RecordedWishes(compliance),
        emit=emit,
    )
