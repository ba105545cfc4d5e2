"""Whether this workspace sends to the built-in mailbox: only then the menu names its page."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.http import Http404

from lettershop.app.received import mailbox_file, opened_mailbox
from lettershop.app.running import running
from lettershop.delivery.mailbox.store import Store
from lettershop.model.errors import NotFound


def mailbox_is_there() -> bool:
    workspace = running().engine.workspace
    return mailbox_file(workspace.path, workspace.settings) is not None


@contextmanager
def mailbox() -> Iterator[Store]:
    """Http404 where there is none."""
    workspace = running().engine.workspace
    try:
        with opened_mailbox(workspace.path, workspace.settings) as store:
            yield store
    except NotFound as error:
        raise Http404 from error
