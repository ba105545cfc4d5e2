"""What the ledger, the returns and the results know: NET-3 to NET-6, OPS-2 to OPS-8."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from statistics import median
from typing import Final

from django.db import connection
from django.db.models import Count

from lettershop.app.results.watching import figures as figures_of
from lettershop.campaigns.preflight.figures import DAYS, USUAL_DAYS, Recent, Volumes
from lettershop.delivery.models import Bounce, Message, Send
from lettershop.engines.duckdb.store import Store
from lettershop.model.clock import DAY

MOST: Final = 50
"""Sends of the stream that are looked at: the newest."""
_DAILY: Final = """
SELECT m.provider, m.attempted_at / %s AS day, count(*) FROM delivery_message m
JOIN delivery_send d ON d.id = m.send_id
WHERE m.attempted_at >= %s AND m.state IN ('accepted', 'unknown') AND d.kind <> 'test'
GROUP BY m.provider, day
"""


def volumes(planned: Mapping[str, int], now: int) -> Volumes:
    """`planned`: of this campaign, by provider. Days are those of UTC."""
    with connection.cursor() as cursor:
        cursor.execute(_DAILY, [DAY, now // DAY * DAY - USUAL_DAYS * DAY])
        rows = cursor.fetchall()
    days: dict[str, list[int]] = defaultdict(list)
    today: Counter[str] = Counter()
    for provider, day, count in rows:
        if int(day) == now // DAY:
            today[provider] += count
        else:
            days[provider].append(count)
    return Volumes(
        planned=planned,
        usual={provider: int(median(counts)) for provider, counts in days.items()},
        today=today,
        slowed=_slowed(),
    )


def _slowed() -> Mapping[str, int]:
    """By provider, letters that wait because it refused them for what we are or do."""
    waiting = Message.objects.filter(state="deferred", code__gte=400, code__lt=500)
    ours = waiting.filter(bounce_class="policy") | waiting.filter(status__startswith="4.7.")
    return dict(ours.order_by().values_list("provider").annotate(Count("id")))


def recent(store: Store, stream: str, now: int, *, without: int) -> Recent:
    """`without`: the send that is looked at, 0 for none."""
    since = now - DAYS * DAY
    sends = Send.objects.filter(stream=stream, started_at__gte=since).exclude(kind="test")
    known = [
        figures_of(store, number, name)
        for number, name in sends.exclude(id=without)
        .order_by("-id")
        .values_list("id", "key")[:MOST]
    ]
    returned = Bounce.objects.filter(stream=stream, at__gte=since)
    refused = Message.objects.filter(
        send__stream=stream, state="refused", bounce_class="policy", attempted_at__gte=since
    )
    last, before = known[:1], known[1:]
    return Recent(
        tried=sum(one.tried for one in known),
        accepted=sum(one.accepted for one in known),
        bounced=sum(one.bounced for one in known),
        complained=sum(one.complained for one in known),
        ours=refused.count() + returned.filter(bounce_class="policy").count(),
        returned=returned.count(),
        last=(sum(one.accepted for one in last), sum(one.unsubscribed for one in last)),
        before=(sum(one.accepted for one in before), sum(one.unsubscribed for one in before)),
    )
