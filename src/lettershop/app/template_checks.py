"""Templates judged to the last: compiled, their conditions beside the data and the segments."""

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Self

import msgspec

from lettershop.content.folder import Shelf
from lettershop.content.gathering_blocks import check_blocks
from lettershop.content.lint.linting import lint_template
from lettershop.content.liquid.compiled import CompiledLetter
from lettershop.content.making import Made, by_place, made as made_of
from lettershop.content.markup.page import make_page
from lettershop.content.outside.addresses import check as check_address
from lettershop.content.owners import Owners, read_owners
from lettershop.content.remembered import remembered
from lettershop.content.template import Outside, Template
from lettershop.content.values.checking import Known, check_data, check_reads
from lettershop.language import parse, references
from lettershop.language.definition import Definition
from lettershop.language.tree import Subject
from lettershop.model.catalog import Catalog
from lettershop.model.errors import DefinitionError, Finding
from lettershop.model.settings import Settings

WITHOUT_DATA = ("segment.", "language.", "letter.", "block.")
"""What codes begin with that hold before anything is known of the data."""


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What templates are judged beside. `catalog`: None before there is any data; `subjects`: of
    all segments there are, None where that is not known; `hosts`: the setting fetch_hosts.
    `defaults`: names that a segment has defaults for."""

    catalog: Catalog | None
    subjects: Mapping[str, Subject] | None
    hosts: Collection[str]
    owners: Owners = Owners()
    defaults: Collection[str] = ()

    @classmethod
    def of(
        cls,
        workspace: Path,
        settings: Settings,
        catalog: Catalog | None,
        definitions: Iterable[Definition] | None,
    ) -> Self:
        """`definitions`: of the segments there are; None: that is not known."""
        known = [] if definitions is None else [*definitions]
        return cls(
            catalog=catalog,
            subjects=None if definitions is None else {d.name: d.subject for d in known},
            hosts=settings.fetch_hosts,
            owners=read_owners(workspace)[0],
            defaults={default.name for d in known for default in d.defaults},
        )


def judged(template: Template, around: Around) -> list[Finding]:
    """All there is to say about a template beyond its front matter, by place."""
    made = made_of(template)
    found = [*made.findings, *_addresses(template, around)]
    for letter in made.letters:
        found += _conditions(letter, around)
    if around.catalog is not None:
        known = Known(catalog=around.catalog, owners=around.owners, defaults=around.defaults)
        found += check_data(template, around.catalog)
        for letter in made.letters:
            found += check_reads(letter.reads, letter.variant, template, known)
    return sorted(dict.fromkeys(found), key=by_place)


def linted(template: Template) -> list[Finding]:
    """What is wrong with its letters in readers' and mail clients' eyes. Not asked when templates
    are put in force: there it would hold up others' work; proofs and previews refuse its errors."""
    return [*_linted(template)]


@remembered
def _linted(template: Template) -> tuple[Finding, ...]:
    pages = ((variant, make_page(template, variant)) for variant in template.variants)
    return tuple(f for variant, page in pages for f in lint_template(template, variant, page))


def judged_shelf(shelf: Shelf, around: Around) -> Shelf:
    """The same of a whole shelf: those with errors are among the broken ones then."""
    said = {template.name: judged(template, around) for template in shelf.templates}
    wrong = {name: tuple(found) for name, found in said.items() if _errors(found)}
    findings = [*shelf.findings, *(finding for found in said.values() for finding in found)]
    return Shelf(
        templates=tuple(t for t in shelf.templates if t.name not in wrong),
        findings=tuple(sorted(findings, key=by_place)),
        broken={**shelf.broken, **wrong},
    )


def users_of(segments: Collection[str], templates: Iterable[Template]) -> dict[str, list[str]]:
    """Which of the segments are asked about by dynamic blocks of which templates."""
    found: dict[str, list[str]] = {}
    for template in templates if segments else ():
        asked = _asked(made_of(template))
        for segment in sorted(asked & {*segments}):
            found.setdefault(segment, []).append(template.name)
    return found


def _asked(made: Made) -> set[str]:
    texts = {t for letter in made.letters for b in letter.blocks for t in b.conditions}
    found: set[str] = set()
    for text in texts:
        try:
            found |= {*references(parse(text).tree)}
        except DefinitionError:
            continue  # told where it is judged
    return found


def _addresses(template: Template, around: Around) -> list[Finding]:
    source = template.variants[0].source
    return [
        finding
        for name, data in template.data.items()
        if isinstance(data, Outside)
        for finding in check_address(name, data, tuple(around.hosts), source)
    ]


def _conditions(letter: CompiledLetter, around: Around) -> list[Finding]:
    if around.subjects is None:
        return []
    known = around.catalog if around.catalog is not None else Catalog()
    source = letter.variant.source
    text = letter.template.said(source)
    found = check_blocks(letter.blocks, known, around.subjects, source, text)
    if around.catalog is None:
        found = [finding for finding in found if finding.code.startswith(WITHOUT_DATA)]
    return found


def _errors(findings: Iterable[Finding]) -> bool:
    return any(finding.level == "error" for finding in findings)
