"""What a server answers instead of a success, turned back into the error it was."""

import httpx
import msgspec

from lettershop.model.errors import (
    AccessError,
    DefinitionError,
    Finding,
    InputError,
    LettershopError,
    NotFound,
    Unavailable,
    UsageError,
    WorkspaceError,
)

_KINDS: dict[int, type[LettershopError]] = {
    400: InputError,
    401: AccessError,
    403: AccessError,
    404: NotFound,
    409: WorkspaceError,
    413: InputError,
    422: UsageError,
    429: Unavailable,
    503: Unavailable,
}


class _Problem(msgspec.Struct):
    detail: str
    code: str
    where: str = ""
    hint: str = ""
    findings: list[Finding] = []


def problem(response: httpx.Response) -> LettershopError:
    try:
        said = msgspec.json.decode(response.content, type=_Problem)
    except msgspec.DecodeError:
        return unreachable(f"it answered {response.status_code} {response.reason_phrase}")
    if said.findings:
        return DefinitionError(said.findings)
    kind = _KINDS.get(response.status_code, LettershopError)
    return kind(said.code, said.detail, where=said.where, hint=said.hint)


def unreachable(reason: str) -> LettershopError:
    hint = "is it still running, and of the same version as this command?"
    return Unavailable(
        "server.away", f"the server did not answer as it should: {reason}", hint=hint
    )
