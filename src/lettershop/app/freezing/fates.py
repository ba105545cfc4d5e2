"""What becomes of each: a letter, which one, when; or a reason why not."""

from collections.abc import Sequence

import msgspec
import numpy as np

from lettershop.app.compliance import Compliance
from lettershop.app.freezing.lots import HOLDOUT, lots
from lettershop.app.freezing.people import People
from lettershop.app.freezing.providers import domain_of, providers_of
from lettershop.app.freezing.screening import Screened, never, screened
from lettershop.app.sending.questions import question_of
from lettershop.app.workspace import Workspace
from lettershop.campaigns.definition import Campaign
from lettershop.compliance.question import Question
from lettershop.delivery.ledger.content import SendContent
from lettershop.delivery.ledger.rows import Planned
from lettershop.delivery.smtp.exchanges import Dns
from lettershop.planning.frame import Ints


class Fates(msgspec.Struct, frozen=True, eq=False, kw_only=True):
    """Of n people. `reasons`: why no letter, "" for a letter; `variants`: its name, "" of those
    held out; `due`: (n,) not before (ms); `screened`: what compliance said."""

    reasons: Sequence[str]
    variants: Sequence[str]
    due: Ints
    providers: Sequence[str]
    screened: Screened


def fates(
    workspace: Workspace,
    campaign: Campaign,
    people: People,
    content: SendContent,
    at: int,
    dns: Dns | None,
) -> Fates:
    """NotFound `consent.stream`. `at`: when the letters will go.

    Those held out are asked about as well: whoever would not have got a letter anyway is not held
    out, or the two groups would be alike only where nobody is to be written to.
    """
    drawn = lots(people, campaign)
    reasons, due = [*drawn.reasons], np.zeros(len(people), np.int64)
    gate = Compliance(workspace.path, workspace.settings).gate
    questions = [_question(campaign, people, content, place) for place in range(len(people))]
    open_ = [place for place, reason in enumerate(reasons) if not reason]
    said = screened(gate, [questions[place] for place in open_], at)
    for place, answer in zip(open_, said.answers, strict=True):
        reasons[place], due[place] = answer.suppressed, answer.due_at
    held = [place for place, reason in enumerate(reasons) if reason == HOLDOUT]
    for place, why in zip(held, never(gate, [questions[n] for n in held], at), strict=True):
        reasons[place] = why or HOLDOUT
    names = [one.name for one in campaign.letters]
    numbers = drawn.variant.tolist()
    return Fates(
        reasons=reasons,
        variants=[
            "" if reason == HOLDOUT else names[number]
            for reason, number in zip(reasons, numbers, strict=True)
        ],
        due=due,
        providers=_providers(workspace, people, at, dns),
        screened=said,
    )


def _question(campaign: Campaign, people: People, content: SendContent, place: int) -> Question:
    about = Planned(
        contact=people.contacts[place],
        address=people.addresses[place],
        account=people.accounts[place],
    )
    return question_of(about, campaign.stream, content, people.recipients[place])


def _providers(workspace: Workspace, people: People, at: int, dns: Dns | None) -> Sequence[str]:
    domains = [domain_of(address) for address in people.addresses]
    found = providers_of(workspace.path, workspace.settings, domains, at, dns)
    return [found.get(domain, "") for domain in domains]
