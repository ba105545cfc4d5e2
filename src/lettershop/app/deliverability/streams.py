"""The streams of consent.toml: what goes through each, how much, and what came back."""

from collections.abc import Mapping, Sequence

import msgspec

from lettershop.app.deliverability.judging import Judged, judged
from lettershop.app.deliverability.rates import Came, Rates
from lettershop.compliance.models import Suppression
from lettershop.compliance.rules import Policy, Purpose, Stream, Topic
from lettershop.compliance.words import stream_scope


class StreamAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """`stream`: None for one that letters went through, and that is not in consent.toml (any
    more). `suppressed`: people who get no letters of this stream, and perhaps of others."""

    name: str
    stream: Stream | None
    purposes: tuple[Purpose, ...]
    topics: tuple[Topic, ...]
    rates: Rates
    complaints: Judged
    bounces: Judged
    suppressed: int

    @property
    def transactional(self) -> bool:
        return self.stream is not None and self.stream.transactional


def streams(policy: Policy, came: Came) -> list[StreamAnswer]:
    """Those of consent.toml, then others that letters went through. The records must be
    connected."""
    names = [*policy.streams, *(name for name in came.streams if name not in policy.streams)]
    left = _suppressed(names)
    return [_answer(name, policy, came.streams.get(name, Rates()), left) for name in names]


def _answer(name: str, policy: Policy, rates: Rates, left: Mapping[str, int]) -> StreamAnswer:
    return StreamAnswer(
        name=name,
        stream=policy.streams.get(name),
        purposes=tuple(one for one in policy.purposes.values() if one.stream == name),
        topics=tuple(one for one in policy.topics.values() if one.stream == name),
        rates=rates,
        complaints=judged(rates.complained, rates.accepted, "complaints"),
        bounces=judged(rates.bounced, rates.tried, "bounces"),
        suppressed=left[name],
    )


def _suppressed(names: Sequence[str]) -> Mapping[str, int]:
    lasting = Suppression.objects.filter(lifted_at__isnull=True)
    return {
        name: lasting.filter(scope=stream_scope(name)).values("hash").distinct().count()
        for name in names
    }
