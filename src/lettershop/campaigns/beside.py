"""A campaign compared with the workspace it is of: are there such segments, templates, purposes;
can its goal be asked; is its time one?"""

from collections.abc import Collection, Mapping
from typing import assert_never

import msgspec

from lettershop.campaigns.definition import Campaign, Goal
from lettershop.campaigns.reading import Read
from lettershop.campaigns.schedule import EXAMPLE, Moment, moment_of
from lettershop.compliance.rules import Policy, Stream
from lettershop.content.template import Stream as TemplateStream
from lettershop.language import check, parse
from lettershop.language.places import Path
from lettershop.language.tables import Page, nearest
from lettershop.language.tree import Condition, Did, Subject
from lettershop.language.words import quote
from lettershop.model.catalog import Catalog
from lettershop.model.errors import DefinitionError, Finding


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """What there is. `segments`: sound ones; `broken`: those with errors. `templates`: by name, of
    which stream. `catalog`: None before there is any data. `zone`: the workspace's."""

    segments: Mapping[str, Subject]
    broken: Collection[str] = ()
    templates: Mapping[str, TemplateStream]
    broken_templates: Collection[str] = ()
    policy: Policy
    catalog: Catalog | None = None
    zone: str = "UTC"


def beside(read: Read, known: Known) -> Campaign | None:
    """The campaign, its goal's event filled in; None when something is wrong. Findings are put on
    the page of `read`."""
    campaign, page = read.campaign, read.page
    if campaign is None:
        return None
    _segments(campaign, page, known)
    stream = _stream(campaign, page, known.policy)
    _templates(campaign, page, known, stream)
    _purpose(campaign, page, known.policy)
    _at(campaign, page, known.zone)
    if campaign.goal is not None:
        campaign = msgspec.structs.replace(campaign, goal=_goal(campaign.goal, page, known))
    if not page.source:  # nobody's file: there are no places in it
        page.findings[:] = [msgspec.structs.replace(one, span=None) for one in page.findings]
    return campaign if page.sound else None


def _segments(campaign: Campaign, page: Page, known: Known) -> None:
    for key, names in (("include", campaign.include), ("exclude", campaign.exclude)):
        for name in names:
            if name in known.broken:
                hint = "lettershop segment check says what is wrong"
                page.say("campaign.segment", f"the segment “{name}” has errors", (key,), hint)
            elif name not in known.segments:
                near = nearest(name, [*known.segments])
                hint = f"did you mean “{near}”?" if near else "lettershop segment list"
                page.say("campaign.segment", f"there is no segment “{name}”", (key,), hint)
            elif known.segments[name] == "account":
                hint = f"one of people in them: account in segment {quote(name)}"
                message = f"“{name}” is a segment of accounts; letters go to contacts"
                page.say("campaign.segment", message, (key,), hint)


def _stream(campaign: Campaign, page: Page, policy: Policy) -> Stream | None:
    found = policy.streams.get(campaign.stream)
    if found is None:
        _unknown(page, "campaign.stream", "stream", campaign.stream, policy.streams)
    return found


def _templates(campaign: Campaign, page: Page, known: Known, stream: Stream | None) -> None:
    for number, letter in enumerate(campaign.letters):
        path: Path = ("variant", number, "content") if campaign.variants else ("content",)
        name = letter.content
        if name in known.broken_templates:
            hint = f"lettershop content check {name}"
            page.say("campaign.template", f"the template “{name}” has errors", path, hint)
        elif name not in known.templates:
            near = nearest(name, [*known.templates])
            hint = f"did you mean “{near}”?" if near else "lettershop content list"
            page.say("campaign.template", f"there is no template “{name}”", path, hint)
        elif stream and (known.templates[name] == "transactional") != stream.transactional:
            message = f"“{name}” is a {known.templates[name]} letter; “{stream.name}” is another"
            page.say("campaign.template", f"{message} kind of stream", path)


def _purpose(campaign: Campaign, page: Page, policy: Policy) -> None:
    stream = policy.streams.get(campaign.stream)
    purpose, topic = policy.purposes.get(campaign.purpose), policy.topics.get(campaign.topic)
    if purpose is None and campaign.purpose:
        _unknown(page, "campaign.purpose", "purpose", campaign.purpose, policy.purposes)
    elif purpose is None and stream is not None and not stream.transactional:
        hint = f"one of {', '.join(policy.purposes)}" if policy.purposes else "see consent.toml"
        page.say("campaign.purpose", "it says no purpose: what did people agree to?", (), hint)
    elif purpose is not None and purpose.stream != campaign.stream:
        message = f"“{purpose.name}” is sent in the stream “{purpose.stream}”"
        page.say("campaign.purpose", message, ("purpose",))
    if topic is None and campaign.topic:
        _unknown(page, "campaign.topic", "topic", campaign.topic, policy.topics)
    elif topic is not None and topic.stream != campaign.stream:
        message = f"“{topic.name}” is a topic of the stream “{topic.stream}”"
        page.say("campaign.topic", message, ("topic",))


def _unknown(page: Page, code: str, key: str, name: str, known: Collection[str]) -> None:
    near = nearest(name, [*known])
    listed = f"known are {', '.join(known)}" if known else "consent.toml says none"
    hint = f"did you mean “{near}”?" if near else listed
    page.say(code, f"there is no {key} “{name}” in consent.toml", (key,), hint)


def _at(campaign: Campaign, page: Page, zone: str) -> None:
    if not campaign.at:
        return
    found = moment_of(campaign.at, zone)
    match found:
        case "not_a_time":
            page.say("campaign.at", f"“{campaign.at}” is not a date and time", ("at",), EXAMPLE)
        case "has_a_zone":
            hint = f"{EXAMPLE}, without a zone: it is meant in {zone}"
            page.say("campaign.at", "the time says a zone", ("at",), hint)
        case "skipped":
            message = f"“{campaign.at}” does not exist in {zone}: clocks are put forward then"
            page.say("campaign.at", message, ("at",), "an hour later, or earlier")
        case Moment(twice=True):
            message = f"“{campaign.at}” is there twice in {zone}: the first one is meant"
            page.say("campaign.at", message, ("at",), level="warning")
        case Moment():
            pass
        case _:
            assert_never(found)


# --- the goal ------------------------------------------------------------------------------------


def _goal(goal: Goal, page: Page, known: Known) -> Goal:
    try:
        parsed = parse(goal.where)
    except DefinitionError as error:
        _moved(page, error.findings)
        return goal
    if known.catalog is not None:
        tree, spans = parsed.tree, parsed.spans
        _moved(page, check(tree, "contact", known.catalog, segments=known.segments, spans=spans))
    event = goal.event or (_event(parsed.tree) if goal.revenue else "")
    if goal.revenue and not event:
        hint = 'event = "Order Completed"'
        page.say("campaign.goal", "of which event is the revenue?", ("goal", "revenue"), hint)
    elif event:
        _known_event(goal, event, page, known.catalog)
    return msgspec.structs.replace(goal, event=event)


def _event(tree: Condition) -> str:
    """What the goal is about, where that is one event."""
    match tree:
        case Did(events=events) if len(events.names) == 1:
            return events.names[0]
        case _:
            return ""


def _known_event(goal: Goal, event: str, page: Page, catalog: Catalog | None) -> None:
    """Warnings only: the first order may come after the campaign."""
    if catalog is None:
        return
    found = catalog.events.get(event)
    if found is None:
        near = nearest(event, [*catalog.events])
        hint = f"did you mean “{near}”?" if near else ""
        message = f"the event “{event}” was never seen"
        page.say("campaign.goal", message, ("goal", "event"), hint, level="warning")
    elif goal.revenue and goal.revenue not in found.properties:
        near = nearest(goal.revenue, [*found.properties])
        hint = f"did you mean “{near}”?" if near else ""
        message = f"“{event}” never had a property “{goal.revenue}”"
        page.say("campaign.goal", message, ("goal", "revenue"), hint, level="warning")


def _moved(page: Page, findings: list[Finding]) -> None:
    """Findings of the condition's text, at their place in the file."""
    path = ("goal", "where")
    for one in findings:
        span = one.span
        places = page.places
        found = places.inside(path, span.start, span.end) if span else places.key(path)
        page.findings.append(msgspec.structs.replace(one, span=found, source=page.source))
