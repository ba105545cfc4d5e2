"""All golden files of a folder beside its templates: what `lettershop content test` runs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from lettershop.content.folder import Shelf
from lettershop.content.letter import Letter
from lettershop.content.proof.golden.comparing import Compared, compare
from lettershop.content.proof.golden.files import read, remove, write
from lettershop.content.template import Template
from lettershop.model.errors import DefinitionError, Finding, NotFound

Compile = Callable[[Template], Mapping[str, Letter]]
"""A template's letters by language; DefinitionError when it is not sound."""


def all_compared(
    content: Path, shelf: Shelf, compiled: Compile, names: Sequence[str] = ()
) -> list[Compared]:
    """Every golden file, by path; with `names` those of these templates.

    InputError `golden.unreadable`; NotFound `template.unknown` for a name with neither template nor
    golden files; DefinitionError with all that is wrong in templates that have golden files.
    """
    chosen = [golden for golden in read(content) if not names or golden.template in names]
    for name in names:
        if all(golden.template != name for golden in chosen):
            shelf.named(name)
    letters = _letters({golden.template for golden in chosen}, shelf, compiled)
    return [compare(golden, letters[golden.template]) for golden in chosen]


def updated(content: Path, compared: Iterable[Compared]) -> list[Compared]:
    """Write what is so now into the golden files, remove those nothing can be made of; what is
    broken stays as it is and is given back."""
    left: list[Compared] = []
    for one in compared:
        match one.state:
            case "same":
                pass
            case "broken":
                left.append(one)
            case "gone":
                remove(content, one.template, one.id)
            case "changed":
                remove(content, one.template, one.id)
                if one.now is not None:
                    write(content, one.now)
    return left


def _letters(
    names: Iterable[str], shelf: Shelf, compiled: Compile
) -> dict[str, Mapping[str, Letter]]:
    """By template; nothing for one that is gone."""
    letters: dict[str, Mapping[str, Letter]] = {}
    findings: list[Finding] = []
    for name in sorted(names):
        try:
            letters[name] = compiled(shelf.named(name))
        except NotFound:
            letters[name] = {}
        except DefinitionError as error:
            findings += error.findings
    if findings:
        raise DefinitionError(findings)
    return letters
