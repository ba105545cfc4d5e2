"""What long work is at, said on stderr while it lasts."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lettershop.cli.output import console


@contextmanager
def doing(*, shown: bool) -> Iterator[Callable[[str], None]]:
    """A line that says what is being done, gone afterwards; nothing in a pipe."""
    err = console(stderr=True)
    if not (shown and err.is_terminal):
        yield lambda what: None
        return
    with err.status("starting") as status:
        yield status.update
