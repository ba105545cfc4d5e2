"""DNS as the receivers of our letters see it, on port 53 of an address of loopback that nobody else
answers on: some programs cannot be told another port."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from random import SystemRandom

from scripted_mail import dns_server

from tests.mail_parts.programs import missing

PORT = 53


@contextmanager
def running_names(texts: Mapping[str, str]) -> Iterator[str]:
    """`texts`: TXT records by name. Yields the address that answers."""
    zone: dict[tuple[str, str], Sequence[str]] = {
        (name.lower(), "TXT"): [_quoted(said)] for name, said in texts.items()
    }
    random = SystemRandom()
    with ExitStack() as server:
        address, problem = "", ""
        for _ in range(20):
            address = f"127.{random.randrange(2, 250)}.{random.randrange(250)}.53"
            try:
                server.enter_context(dns_server(zone, (address, PORT)))
            except OSError as error:
                problem = str(error)
            else:
                break
        else:
            missing(f"nothing may answer on port {PORT} here: {problem}")
        yield address


def _quoted(said: str) -> str:
    """A record has strings of at most 255 octets; who reads it joins them."""
    return " ".join(f'"{said[at : at + 250]}"' for at in range(0, len(said), 250))
