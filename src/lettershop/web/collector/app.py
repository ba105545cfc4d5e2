"""The collector: one request in, checked, into the log, and acknowledged once it is on disk."""

import asyncio
import base64
import binascii
from collections import deque
from contextlib import suppress
from functools import partial

from lettershop.model.clock import Clock
from lettershop.model.errors import (
    AccessError,
    InputError,
    LettershopError,
    NotFound,
    Unavailable,
    UsageError,
)
from lettershop.model.settings import Settings
from lettershop.web.collector import projects, script
from lettershop.web.collector.checking import check
from lettershop.web.collector.contracts import (
    Counts,
    Log,
    Receive,
    Scope,
    Send,
    SourceKey,
    Sources,
)
from lettershop.web.collector.reading import GoneAway, read_body
from lettershop.web.collector.replies import (
    OK,
    PREFLIGHT,
    Cors,
    Reply,
    json_reply,
    refused,
    send_reply,
)

CALLS = {
    f"/v1/{path}": call
    for call, paths in {
        "track": "track t",
        "identify": "identify i",
        "group": "group g",
        "page": "page p",
        "screen": "screen s",
        "alias": "alias a",
        "batch": "batch b",
        "import": "import",
    }.items()
    for path in paths.split()
}
"""The short ones are what analytics.js in a browser posts to."""
METRICS = "/v1/m"
"""Where analytics.js reports about itself: taken, and dropped."""
MOST_KEY = 200

Headers = dict[bytes, bytes]


class Collector:
    """An ASGI application for `/v1/…` and `/lettershop.js`. `counts` is for the metrics page."""

    def __init__(
        self,
        log: Log,
        sources: Sources,
        clock: Clock,
        settings: Settings,
    ) -> None:
        self.counts = Counts()
        self._log, self._sources, self._clock, self._settings = log, sources, clock, settings
        self._cors = Cors(settings.cors_origins)
        self._answers = _Answers()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        try:
            self._cors.check(origin)
            reply = await self._reply(scope, headers, receive)
        except GoneAway:
            return
        except LettershopError as error:
            self.counts.refused[error.code] += 1
            reply = refused(error)
        await send_reply(send, reply, self._cors.headers(origin))

    async def _reply(self, scope: Scope, headers: Headers, receive: Receive) -> Reply:
        path, method = scope["path"].rstrip("/"), scope["method"]
        call = CALLS.get(path)
        if call is not None and method == "POST":
            return await self._take(call, headers, receive)
        if method in ("GET", "HEAD"):
            return self._show(path, scope, headers)
        if method == "OPTIONS":
            return Reply(204, headers=PREFLIGHT)
        if method == "POST" and path == METRICS:
            await read_body(receive, None)
            return OK
        raise _wrong_way(path, method)

    async def _take(self, call: str, headers: Headers, receive: Receive) -> Reply:
        encoding = headers.get(b"content-encoding")
        body = await read_body(receive, encoding)
        checked = check(call, body)
        source = self._source(headers.get(b"authorization"), checked.write_key)
        answer: asyncio.Future[Unavailable | None] = asyncio.get_running_loop().create_future()
        on_done = partial(self._answers.give, answer)
        self._log.append(source.name, call, body, self._clock.now(), on_done)
        failure = await answer
        if failure is not None:
            self.counts.refused[failure.code] += 1
            return refused(failure)
        self._sources.seen(source.name)
        counts = self.counts
        counts.requests += 1
        counts.events += checked.events
        counts.bytes += len(body)
        return OK

    def _source(self, authorization: bytes | None, in_body: str | None) -> SourceKey:
        """AccessError when there is no key, or nobody's."""
        key = in_body if authorization is None else key_of(authorization)
        if not key:
            hint = "put it into the body as writeKey, or send it as the user name of HTTP Basic"
            raise AccessError("collector.no_key", "the request has no write key", hint=hint)
        found = self._sources.find(key) if len(key) <= MOST_KEY and key.isascii() else None
        if found is None:
            hint = "lettershop source list shows the sources; keys are shown once, when made"
            raise AccessError("collector.unknown_key", "this write key is not known", hint=hint)
        return found

    def _show(self, path: str, scope: Scope, headers: Headers) -> Reply:
        if path == script.PATH:
            return script.script_reply(headers)
        if path == "/v1/health":
            refusal = self._log.refusal
            return json_reply({"ok": True}) if refusal is None else refused(refusal)
        if asked := projects.PATH.fullmatch(path):
            self._source(None, asked.group(1))
            place = projects.address(
                self._settings, headers.get(b"host"), scope.get("scheme", "http")
            )
            return json_reply(projects.project(asked.group(1), *place), cache=b"max-age=60")
        raise _wrong_way(path, scope["method"])


class _Answers:
    """Brings answers from the log's thread to the event loop: one wake-up for many of them."""

    def __init__(self) -> None:
        self._ready: deque[tuple[asyncio.Future[Unavailable | None], Unavailable | None]] = deque()
        self._woken = False

    def give(self, answer: asyncio.Future[Unavailable | None], failure: Unavailable | None) -> None:
        """In the log's thread."""
        self._ready.append((answer, failure))
        if not self._woken:
            self._woken = True
            with suppress(RuntimeError):  # the server has stopped: nobody waits any more
                answer.get_loop().call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._woken = False  # first: whoever comes after this wakes the loop again
        while self._ready:
            answer, failure = self._ready.popleft()
            if not answer.done():
                answer.set_result(failure)


def key_of(authorization: bytes) -> str | None:
    """The write key of `Basic …` (as user name) or `Bearer …`. InputError when it is neither."""
    scheme, _, value = authorization.strip().partition(b" ")
    try:
        if scheme.lower() == b"bearer":
            return value.strip().decode("ascii")
        if scheme.lower() == b"basic":
            pair = base64.b64decode(value.strip(), validate=True).decode("ascii")
            return pair.partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        pass
    message = "the Authorization header is not readable"
    raise InputError("collector.authorization", message, hint="Basic KEY: or Bearer KEY")


def _wrong_way(path: str, method: str) -> LettershopError:
    if path in CALLS or path == METRICS:
        return UsageError("collector.method", f"{method} is not how this call is made", hint="POST")
    calls = ", ".join(path for path in CALLS if len(path) > len("/v1/x"))
    return NotFound("collector.path", "there is no such call", hint=f"known are {calls}")
