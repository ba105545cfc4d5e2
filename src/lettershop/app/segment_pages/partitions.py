"""A partition written anew in the app: checked, counted, published as a whole.

Like a draft it is about what is in force; the folder's file, if there is one, stays as it is, so
`partition_file` says what to write into it.
"""

from collections.abc import Collection, Sequence

import msgspec
import tomlkit

from lettershop.app.candidates import known_data
from lettershop.app.plans import Applied, Plan
from lettershop.app.publishing import SAMPLE, Publisher
from lettershop.language import check, parse
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.errors import DefinitionError, Finding, WorkspaceError
from lettershop.segments.partition import Partition, exclusive, rest
from lettershop.segments.reading import bad_name
from lettershop.segments.register import InForce, in_force
from lettershop.segments.world import Proposal, propose

MOST_ARMS = 100


class Arm(msgspec.Struct, frozen=True, kw_only=True):
    """One segment of a partition as its author writes it."""

    name: str
    title: str = ""
    description: str = ""
    text: str = ""


class PartitionText(msgspec.Struct, frozen=True, kw_only=True):
    """A whole partition: `arms` in order, then the one that holds the rest."""

    name: str
    title: str = ""
    subject: Subject = "contact"
    arms: tuple[Arm, ...] = ()
    catch_all: str = ""
    catch_all_title: str = ""


class Judged(msgspec.Struct, frozen=True):
    """What is wrong: with the whole, and by the place of each arm."""

    whole: tuple[Finding, ...]
    arms: tuple[tuple[Finding, ...], ...]

    @property
    def sound(self) -> bool:
        every = (*self.whole, *(finding for arm in self.arms for finding in arm))
        return all(finding.level != "error" for finding in every)


def partition_text(family: Partition, definitions: dict[str, Definition]) -> PartitionText:
    """As it is in force, or in the folder."""
    *arms, last = (definitions[name] for name in family.members)
    return PartitionText(
        name=family.name,
        title=family.title,
        subject=family.subject,
        arms=tuple(
            Arm(name=d.name, title=d.title, description=d.description, text=d.text.strip())
            for d in arms
        ),
        catch_all=last.name,
        catch_all_title=last.title,
    )


class Partitioner(Publisher):
    """Publishing partitions: `judge`, then `plan_of`, then `put`."""

    def judge(self, said: PartitionText) -> Judged:
        """Everything that is wrong with it, arm by arm; nothing is counted."""
        now = in_force(self.workspace.moment(None))
        arms = tuple(tuple(self._arm(now, said, arm)) for arm in said.arms)
        return Judged(tuple(_whole(now, said)), arms)

    def plan_of(self, said: PartitionText, sample: int = SAMPLE) -> Plan:
        """Who would move. DefinitionError; UsageError where it does not fit what is in force."""
        now = in_force(self.workspace.moment(None))
        return self._told(self._proposed(now, said), sample, None)

    def put(
        self,
        said: PartitionText,
        *,
        revision: int | None,
        allow_size: Collection[str] = (),
        note: str = "",
    ) -> Applied:
        """Publish it, all arms at once. As `Publisher.apply`; WorkspaceError `register.changed`."""
        now = in_force(self.workspace.moment(None))
        if revision not in (None, now.revision):
            message = "something else was published or pinned since this was counted"
            raise WorkspaceError("register.changed", message, hint="count it again")
        return self._publish(self._proposed(now, said), allow_size, note, 0)

    def _proposed(self, now: InForce, said: PartitionText) -> Proposal:
        judged = self.judge(said)
        if not judged.sound:
            raise DefinitionError([*judged.whole, *(f for arm in judged.arms for f in arm)])
        definitions = _definitions(now, said)
        wanted = {definition.name: definition for definition in definitions}
        before = next((p.members for p in now.partitions if p.name == said.name), ())
        family = Partition(
            name=said.name, title=said.title, subject=said.subject, members=tuple(wanted)
        )
        others = (p for p in now.partitions if p.name != said.name)
        partitions = tuple(sorted((*others, family), key=lambda p: p.name))
        removed = [name for name in before if name not in wanted]
        return self._judged(propose(now, wanted, removed=removed, partitions=partitions))

    def _arm(self, now: InForce, said: PartitionText, arm: Arm) -> Sequence[Finding]:
        if not arm.text.strip():
            return [Finding("definition.missing", "a segment of a partition needs a condition")]
        try:
            parsed = parse(arm.text)
        except DefinitionError as error:
            return error.findings
        catalog = known_data(self.workspace)
        if catalog is None:
            return []
        own = {one.name: said.subject for one in said.arms}
        known = {name: d.subject for name, d in now.definitions().items()} | own
        return check(parsed.tree, said.subject, catalog, segments=known, spans=parsed.spans)


def _whole(now: InForce, said: PartitionText) -> list[Finding]:
    """Names: sound, each once, and of no other partition."""
    found = []
    names = [said.catch_all, *(arm.name for arm in said.arms)]
    for name in dict.fromkeys([said.name, *names]):
        problem = bad_name(name)
        if problem:
            found.append(Finding("definition.name", f"a name {problem}: “{name[:40]}”"))
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        found.append(Finding("definition.duplicate", f"two segments are called “{name}”"))
    if not said.arms or len(said.arms) > MOST_ARMS:
        message = f"a partition has 1 to {MOST_ARMS} segments beside the rest"
        found.append(Finding("definition.missing", message))
    for name in names:
        home, definition = now.partition_of(name), now.definitions().get(name)
        if definition is not None and (home is None or home.name != said.name):
            where = f"in the partition “{home.name}”" if home else "a segment of its own"
            found.append(Finding("definition.duplicate", f"“{name}” is {where} already"))
    return found


def _definitions(now: InForce, said: PartitionText) -> list[Definition]:
    """With their exclusions, the catch-all last; values for letters stay as they are in force."""
    before = now.definitions()
    own = [_definition(said, arm, before.get(arm.name)) for arm in said.arms]
    last = rest(said.catch_all, said.catch_all_title, own)
    was = before.get(said.catch_all)
    if was is not None:
        last = msgspec.structs.replace(last, defaults=was.defaults, source=was.source)
    return [*exclusive(own), last]


def _definition(said: PartitionText, arm: Arm, was: Definition | None) -> Definition:
    """An arm; where its condition stays, so does the file it is from."""
    text = arm.text.strip()
    same = was is not None and was.text.strip() == text
    return Definition(
        name=arm.name,
        title=arm.title,
        description=arm.description,
        subject=said.subject,
        where=parse(text).tree,
        partition=said.name,
        text=was.text if was and same else text,
        source=was.source if was and same else "",
        defaults=was.defaults if was else (),
    )


def partition_file(said: PartitionText) -> str:
    """The same as TOML, for the folder."""
    head = {
        "name": said.name,
        "title": said.title,
        "subject": said.subject,
        "catch_all": said.catch_all,
        "catch_all_title": said.catch_all_title,
    }
    lines = ["[[partition]]", *_keys(head)]
    for arm in said.arms:
        keys = {"name": arm.name, "title": arm.title, "description": arm.description}
        lines += ["", "[[partition.segment]]", *_keys(keys | {"where": arm.text.strip()})]
    return "\n".join(lines) + "\n"


def _keys(values: dict[str, str]) -> list[str]:
    return [
        f"{key} = {tomlkit.string(value, multiline=chr(10) in value).as_string()}"
        for key, value in values.items()
        if value
    ]
