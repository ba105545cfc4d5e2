"""How long each step of a conversation may take, in seconds."""

import msgspec


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """RFC 5321 4.5.3.2 asks for more patience (its minutes are named at each); a connection that is
    kept waiting so long is worth less to us than a new one."""

    connect: float = 30
    """TCP and TLS, each."""
    command: float = 60
    """Greeting, HELLO, AUTH, MAIL, RCPT (5 minutes)."""
    start: float = 60
    """The 354 after DATA (2 minutes)."""
    content: float = 180
    """Until the content is taken off our hands (3 minutes for each block)."""
    answer: float = 300
    """After the final dot (10 minutes): the only one whose passing leaves something unknown."""
    quit: float = 3
    """The goodbye, which nothing hangs on."""
