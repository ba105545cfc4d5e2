"""What machines ask about the server: /healthz, /readyz and /metrics (Prometheus)."""

import asyncio
from collections.abc import Iterable, Iterator

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from lettershop.app.vitals import Vital, Vitals
from lettershop.web.credentials import Find, secret_of
from lettershop.web.front import Receive, Scope, Send

JSON = "application/json"
_HEADERS = [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]


class Health:
    """/healthz: the process answers. /readyz: 503 with what is wrong while something is; `notes`
    is what people should know of, and no reason to send requests elsewhere.
    /metrics: for a token (Bearer, or Basic with the token as password), since figures say much
    about a company."""

    def __init__(self, vitals: Vitals, find: Find) -> None:
        self._vitals, self._find = vitals, find
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(_Exposition(vitals))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "HEAD"):
            await _answer(scope, send, 405, JSON, b'{"error":"GET only"}')
            return
        match scope["path"]:
            case "/healthz":
                await _answer(scope, send, 200, JSON, b'{"status":"ok"}')
            case "/readyz":
                problems = await asyncio.to_thread(self._vitals.problems)
                notes = await asyncio.to_thread(self._vitals.notes)
                said: dict[str, object] = {"ready": not problems, "problems": problems}
                said |= {"notes": notes} if notes else {}
                body = msgspec.json.encode(said)
                await _answer(scope, send, 503 if problems else 200, JSON, body)
            case _:
                await self._metrics(scope, send)

    async def _metrics(self, scope: Scope, send: Send) -> None:
        secret = secret_of(scope["headers"])
        if not secret or await asyncio.to_thread(self._find, secret) is None:
            body = b'{"error":"a token is needed: lettershop token create monitoring"}'
            await _answer(scope, send, 401, JSON, body, [(b"www-authenticate", b"Bearer")])
            return
        text = await asyncio.to_thread(generate_latest, self._registry)
        await _answer(scope, send, 200, CONTENT_TYPE_LATEST, text)


class _Exposition:
    """The figures in the form prometheus_client prints."""

    def __init__(self, vitals: Vitals) -> None:
        self._vitals = vitals

    def collect(self) -> Iterator[Metric]:
        families: dict[str, list[Vital]] = {}
        for vital in self._vitals.figures():
            families.setdefault(vital.name, []).append(vital)
        for name, group in families.items():
            yield _family(name, group)


def _family(name: str, group: list[Vital]) -> Metric:
    first = group[0]
    kind = CounterMetricFamily if first.kind == "counter" else GaugeMetricFamily
    family = kind(f"lettershop_{name}", first.help, labels=sorted(first.labels))
    for vital in group:
        family.add_metric([vital.labels[key] for key in sorted(first.labels)], vital.value)
    return family


async def _answer(
    scope: Scope,
    send: Send,
    status: int,
    kind: str,
    body: bytes,
    more: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    length = (b"content-length", str(len(body)).encode())
    headers = [(b"content-type", kind.encode()), length, *_HEADERS, *more]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    sent = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": sent})
