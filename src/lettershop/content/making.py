"""A template made ready in all its languages: files were read before, now markup and Liquid."""

from collections.abc import Callable

import msgspec

from lettershop.content.letter import Page
from lettershop.content.liquid.compiled import CompiledLetter, compile_letter
from lettershop.content.markup.page import make_page
from lettershop.content.remembered import remembered
from lettershop.content.template import Template
from lettershop.model.errors import DefinitionError, Finding


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """`letters`: those that could be made, in the order of `template.variants`; `findings`: all
    there is to say, each once, by place."""

    template: Template
    letters: tuple[CompiledLetter, ...]
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not any(finding.level == "error" for finding in self.findings)


def make_letters(template: Template, worked: Callable[[Page], Page] = lambda page: page) -> Made:
    """Never raises for anything in the files. `worked`: what else is done to each page once."""
    letters, findings = list[CompiledLetter](), list[Finding]()
    for variant in template.variants:
        try:
            letter = compile_letter(template, variant, worked(make_page(template, variant)))
        except DefinitionError as error:
            findings += error.findings
        else:
            letters.append(letter)
            findings += letter.findings
    return Made(
        template=template,
        letters=tuple(letters),
        findings=tuple(sorted(dict.fromkeys(findings), key=by_place)),
    )


made = remembered(make_letters)
"""`make_letters` as it is for looking at a template, the same answer for the same files."""


def by_place(finding: Finding) -> tuple[str, int, int]:
    span = finding.span
    return (finding.source, span.line if span else 0, span.column if span else 0)
