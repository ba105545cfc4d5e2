"""The other side of `handing.py`: who asks is believed from a process that shows the token."""

import hmac
from typing import Final

from lettershop.web.front import App, Receive, Scope, Send
from lettershop.web.handing import CLIENT, OURS, SCHEME, TOKEN

SCHEMES: Final = frozenset({"http", "https"})


class Handed:
    """Outermost, around all that the leader answers. `token`: as `cluster_token` makes it."""

    def __init__(self, app: App, token: str) -> None:
        self._app, self._token = app, token.encode("ascii")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = self._believed(scope)
        await self._app(scope, receive, send)

    def _believed(self, scope: Scope) -> Scope:
        said = {name: value for name, value in scope["headers"] if name in OURS}
        if not said:
            return scope
        kept = [(name, value) for name, value in scope["headers"] if name not in OURS]
        found = {**scope, "headers": kept}
        if hmac.compare_digest(said.get(TOKEN, b""), self._token):
            found["client"] = (said.get(CLIENT, b"").decode("ascii", "replace"), 0)
            scheme = said.get(SCHEME, b"").decode("ascii", "replace")
            found["scheme"] = scheme if scheme in SCHEMES else "http"
        return found
