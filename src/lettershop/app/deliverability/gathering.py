"""Everything the light is made of, gathered from a running server."""

from lettershop.app.deliverability.domains import domains
from lettershop.app.deliverability.light import Situation
from lettershop.app.deliverability.pools import pools
from lettershop.app.deliverability.rates import rates
from lettershop.app.preflight.domains import leaves
from lettershop.app.running import Running
from lettershop.app.workspace import Workspace
from lettershop.model.settings import Settings


def situation(server: Running, workspace: Workspace) -> Situation:
    """Within a reader's snapshot, with the records connected."""
    settings, now = workspace.settings, server.clock.now()
    return Situation(
        came=rates(workspace.store, now),
        domains=domains(workspace.path, settings, server.doctor, server.clock),
        pools=pools(workspace.path, settings, now).items,
        leaves=leaves(settings),
        takes_returns=takes_returns(settings),
        senders=server.office.senders.problem() if server.office else "",
        now=now,
    )


def takes_returns(settings: Settings) -> bool:
    """Whether bounces have a way in."""
    by_mail = settings.lmtp or settings.imap
    hooks = (
        settings.hook_ses,
        settings.hook_sendgrid,
        settings.hook_postmark,
        settings.hook_mailgun,
    )
    return bool(by_mail) or any(hooks)
