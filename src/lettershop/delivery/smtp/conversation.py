"""The mail transaction, in two steps: a Connection (delivery/wire.py) over an open stream."""

import asyncio

from lettershop.delivery.smtp import envelope
from lettershop.delivery.smtp.limits import Limits
from lettershop.delivery.smtp.opening import Opened
from lettershop.delivery.wire import Lost, Outgoing, Reply

NEVER_ENDED = Reply(code=451, status="4.4.2", text="the connection broke before the final dot")


class Conversation:
    """One message after the other. `carried`: how many final dots were answered."""

    def __init__(self, opened: Opened, limits: Limits) -> None:
        self._stream = opened.stream
        self._extensions = opened.extensions
        self._pipelining = "pipelining" in opened.extensions
        self._limits = limits
        self._offered = False
        self.carried = 0

    @property
    def over(self) -> str:
        """Why nothing more can be sent over it; empty while something can."""
        return self._stream.over

    async def offer(self, message: Outgoing) -> Reply:
        """See wire.Connection; 354 when everything but the final dot is on its way."""
        if self._offered:
            raise RuntimeError("what was offered before has not been finished")
        try:
            mail, rcpt = envelope.commands(message, self._extensions)
            content = envelope.stuffed(message.content)
        except envelope.Envelope as refused:
            return refused.reply
        self._listen()
        answers = await self._ask(mail, rcpt)
        refusal = next((reply for reply in answers if reply.code >= 400), None)
        if refusal is not None:
            return await self._withdrawn(refusal, answers)
        if [reply.code // 100 for reply in answers[:2]] != [2, 2] or answers[2].code != 354:
            raise self._nonsense(answers[-1])
        self._stream.write(content)
        await self._stream.drained(self._limits.content, "content")
        self._offered = True
        return answers[-1]

    async def finish(self) -> Reply:
        """See wire.Connection. When the connection is found broken before the dot was written
        nothing is unknown: then the answer is a 451 of our own."""
        if not self._offered:
            raise RuntimeError("nothing was offered")
        self._offered = False
        early = self._stream.early()
        if early is not None or not self._stream.quiet:
            self._stream.abort("it answered before the message was over")
            return early if early is not None and early.code >= 400 else NEVER_ENDED
        try:
            self._stream.write(b".\r\n")
        except Lost:
            return NEVER_ENDED
        reply = await self._stream.reply(self._limits.answer, "final dot")
        if reply.code < 400 and reply.code // 100 != 2:
            raise self._nonsense(reply)
        self.carried += 1
        return self._heard(reply)

    async def close(self) -> None:
        """Says goodbye when nothing is under way; what was offered is never finished by it."""
        if self._offered or self._stream.over:
            self._stream.abort("it was closed")
            return
        try:
            self._stream.write(b"QUIT\r\n")
            await self._stream.reply(self._limits.quit, "QUIT")
        except Lost:
            pass
        except asyncio.CancelledError:
            self._stream.abort("it was closed")
            raise
        await self._stream.close(self._limits.quit)

    # --- inside ---------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Anything said out of turn ends it: an answer too many would be taken for the next one."""
        if not self._stream.quiet:
            early = self._stream.early()
            said = f"“{early.code} {early.text}”" if early else "half a reply"
            self._stream.abort(f"it said {said} without being asked")

    async def _ask(self, mail: bytes, rcpt: bytes) -> list[Reply]:
        """The answers to MAIL, RCPT and DATA, as far as they were asked."""
        steps = (
            (mail, "MAIL", self._limits.command),
            (rcpt, "RCPT", self._limits.command),
            (b"DATA\r\n", "DATA", self._limits.start),
        )
        answers: list[Reply] = []
        if self._pipelining:
            self._stream.write(mail + rcpt + b"DATA\r\n")
        for command, step, limit in steps:
            try:
                if not self._pipelining:
                    self._listen()
                    self._stream.write(command)
                answers.append(await self._stream.reply(limit, step))
            except Lost:
                if any(reply.code >= 400 for reply in answers):
                    break  # it refused and hung up
                raise
            if not self._pipelining and answers[-1].code >= 400:
                break
        return answers

    async def _withdrawn(self, refusal: Reply, answers: list[Reply]) -> Reply:
        """Leaves the connection as if nothing had been tried, or closed."""
        try:
            if len(answers) == 3 and answers[2].code == 354:
                # It wants content for nobody (RFC 2920 3.1): it gets none.
                self._stream.write(b".\r\n")
                await self._stream.reply(self._limits.command, "empty message")
            if refusal.code != 421:
                self._stream.write(b"RSET\r\n")
                if (await self._stream.reply(self._limits.command, "RSET")).code // 100 != 2:
                    self._stream.abort("it did not take RSET")
        except Lost:
            pass
        return self._heard(refusal)

    def _heard(self, reply: Reply) -> Reply:
        if reply.code == 421:
            self._stream.abort(f"it closed the connection: 421 {reply.status} {reply.text}")
        return reply

    def _nonsense(self, reply: Reply) -> Lost:
        self._stream.abort(f"it answered {reply.code} {reply.text[:80]}, which makes no sense here")
        return Lost(self._stream.over)
