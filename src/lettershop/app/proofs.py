"""Proofs in a running server: one at a time, in a thread of their own, on a reader's snapshot."""

import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import msgspec
import structlog

from lettershop.access.audit import audit
from lettershop.access.principal import Principal
from lettershop.app import records as database
from lettershop.app.engine import Engine
from lettershop.app.golden_letters import write_golden
from lettershop.app.letters import Letters
from lettershop.content.catalog.assortment import Assortments
from lettershop.content.proof import records
from lettershop.content.proof.golden.files import Golden
from lettershop.content.proof.golden.keeping import LeftOut
from lettershop.content.proof.said import LetterProofAnswer
from lettershop.model.clock import Clock
from lettershop.model.errors import LettershopError, Unavailable

log = structlog.get_logger("lettershop.proofs")

Kept = Sequence[Golden | LeftOut]
WRITING = 60.0
"""Seconds that somebody waits for golden files to be written."""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """`keep`: write golden files into the workspace when it is done. `data`: the values that a
    transactional letter is given."""

    template: str
    segment: str
    as_of: int | None = None
    keep: bool = False
    data: Mapping[str, Any] | None = None


class Proofs:
    """Shared by all requests. A proof that is being made is asked about by its number."""

    def __init__(self, engine: Engine, clock: Clock, catalogs: Assortments) -> None:
        self._engine, self._clock, self._catalogs = engine, clock, catalogs
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="proofs")
        self._stopping, self._free = threading.Event(), threading.Lock()
        self._kept: dict[int, Future[Kept]] = {}

    def start(self, asked: Asked, by: Principal) -> LetterProofAnswer:
        """Begin; returns as soon as it is known who is in the audience. Raises as `Letters.prove`
        before it renders the first letter; Unavailable `server.stopping`, `proof.busy`."""
        if self._stopping.is_set():
            raise Unavailable("server.stopping", "the server is stopping", retry_after=5)
        if not self._free.acquire(blocking=False):
            hint = "wait until it is done, or cancel it; GET /proofs lists them"
            message = "another proof is being made"
            raise Unavailable("proof.busy", message, hint=hint, retry_after=10)
        number: Future[int] = Future()
        self._pool.submit(self._run, asked, by, number)
        return records.proof(number.result(), self._clock.now())

    def stop(self) -> None:
        """What is being proved ends as cancelled."""
        self._stopping.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def kept(self, number: int) -> Kept:
        """Golden files that the last proof of this process has written. Waits for them: a proof is
        done before its files are. Raises what went wrong with them."""
        kept = self._kept.get(number)
        return () if kept is None else kept.result(WRITING)

    def _run(self, asked: Asked, by: Principal, number: "Future[int]") -> None:
        try:
            self._prove(asked, by, number)
        except BaseException as error:
            if number.done() or not isinstance(error, LettershopError):
                log.exception("proof.failed", template=asked.template)
            promised: list[Future[Any]] = [number, *self._kept.values()]
            for waiting in promised:
                if not waiting.done():
                    waiting.set_exception(error)
        finally:
            self._free.release()
            database.disconnect()

    def _prove(self, asked: Asked, by: Principal, number: "Future[int]") -> None:
        def begun(found: int, total: int) -> None:
            self._kept = {found: Future()} if asked.keep else {}
            number.set_result(found)

        with self._engine.read() as workspace:
            letters = Letters(workspace, by, self._catalogs)
            answer, proof = letters.prove(
                asked.template,
                asked.segment,
                as_of=asked.as_of,
                begun=begun,
                cancelled=self._stopping.is_set,
                data=asked.data,
            )
            if asked.keep:
                self._kept[answer.id].set_result(write_golden(letters, asked.template, proof))
        audit(by, "content.prove", asked.template, proof=answer.id, segment=asked.segment)
