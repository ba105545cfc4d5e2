"""Whose mail servers they are: MX hosts to the name of a pool."""

from collections.abc import Sequence
from functools import cache

from publicsuffixlist import PublicSuffixList

from lettershop.delivery.providers.knowledge import Knowledge


class Whose:
    """The pool of MX hosts: a provider of the list, else the domain its servers are named in, so
    that the many domains of one hoster share a pool."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._endings = {
            ending.lower(): name for name, one in knowledge.provider.items() for ending in one.mx
        }
        self._mailboxes = {
            domain: name for name, one in knowledge.provider.items() for domain in one.domains
        }
        self._knowledge = knowledge

    def pool(self, hosts: Sequence[str]) -> str:
        """`hosts`: the most wanted first. "" when there are none."""
        for host in hosts:
            if (name := self._provider(host)) is not None:
                return name
        return _own_domain(hosts[0].lower()) if hosts else ""

    def gateway(self, hosts: Sequence[str]) -> str:
        """The name of the provider that filters this mail for others; "" when nobody is known."""
        pool = self.pool(hosts)
        provider = self._knowledge.provider.get(pool)
        return pool if provider is not None and provider.gateway else ""

    def of_mailboxes(self, domain: str) -> str:
        """The provider that gives mailboxes at this domain to the public, without asking DNS; ""
        for all other domains."""
        return self._mailboxes.get(domain.lower(), "")

    def _provider(self, host: str) -> str | None:
        labels = host.lower().rstrip(".").split(".")
        endings = (".".join(labels[i:]) for i in range(len(labels)))
        return next((self._endings[one] for one in endings if one in self._endings), None)


def _own_domain(host: str) -> str:
    return _suffixes().privatesuffix(host) or host


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList(only_icann=True)
