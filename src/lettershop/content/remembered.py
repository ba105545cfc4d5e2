"""What is worked out of a template's files alone, kept until they change."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Final, TypeVar

from lettershop.content.template import Template

MOST: Final = 64
"""Templates of which a result is kept: those somebody looks at, in the states they were typed."""

Result = TypeVar("Result")


def remembered(work: Callable[[Template], Result]) -> Callable[[Template], Result]:
    """The same function, which does not do again what it did for the same files. Its results are
    shared between threads and must not be changed. Templates without files are not known again."""
    kept: OrderedDict[str, Result] = OrderedDict()
    lock = Lock()

    def known(template: Template) -> Result:
        if not template.files:
            return work(template)
        key = template.digest
        with lock:
            if key in kept:
                kept.move_to_end(key)
                return kept[key]
        found = work(template)
        with lock:
            kept[key] = found
            while len(kept) > MOST:
                kept.popitem(last=False)
        return found

    return known
