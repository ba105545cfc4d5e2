"""Which tags and filters letters have."""

from functools import cache

from lettershop.content.liquid.environment import environment

WITHIN = ("else", "elsif", "when", "default", "untranslated")
"""Tags within others, and the one that marks what was not translated."""
NO_TAGS = frozenset(("content", "output", "illegal"))
"""What python-liquid registers beside its tags: text, outputs, and what there is none of."""


@cache
def known_tags() -> frozenset[str]:
    tags = {*environment("", False).tags} - NO_TAGS
    return frozenset((*tags, *(f"end{name}" for name in tags), *WITHIN))


@cache
def known_filters() -> frozenset[str]:
    return frozenset(environment("", False).filters)
