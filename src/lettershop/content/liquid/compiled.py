"""A variant of a template, compiled: subject, preheader, sender, HTML and text as one Letter."""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec
from liquid import Token
from liquid.exceptions import LiquidError, LiquidInterrupt, ResourceLimitError

from lettershop.content.letter import (
    Block,
    Broken,
    Outcome,
    Page,
    Read,
    Rendered,
    Result,
    Skipped,
    Values,
)
from lettershop.content.liquid.blocks import UnknownTagError
from lettershop.content.liquid.context import Paper, Reading
from lettershop.content.liquid.environment import Liquid, Sheet, environment
from lettershop.content.liquid.fitting import Fitter
from lettershop.content.liquid.missing import Hidden, Missing, Skipping
from lettershop.content.liquid.nodes import Body
from lettershop.content.liquid.origins import Origin, of_header, of_html, of_text
from lettershop.content.liquid.outputs import Unsafe
from lettershop.content.liquid.register import Register, finding, name_of, path_of
from lettershop.content.liquid.scope import Scope
from lettershop.content.template import Template, Variant
from lettershop.model.errors import DefinitionError, Finding

_ODD = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What Python may have to say to a value of a kind that no template expects."""


class Piece(NamedTuple):
    """One part of a letter, ready to render."""

    sheet: Sheet
    body: Body
    origin: Origin


class CompiledLetter(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """See `Letter`. `findings`: warnings. `pieces`: subject, preheader, sender, reply_to, html,
    text."""

    template: Template
    variant: Variant
    reads: tuple[Read, ...]
    blocks: tuple[Block, ...]
    outcomes: tuple[Outcome, ...]
    findings: tuple[Finding, ...]
    pieces: tuple[Piece, ...]

    def render(self, values: Values, shown: Sequence[int] = ()) -> Result:
        outcomes, made, broken = 0, [], []
        for piece in self.pieces:
            context = Reading(piece.sheet, globals=values)
            context.shown, context.outcomes = shown, outcomes
            paper = Paper()
            try:
                piece.body.render_to_output(context, paper)
            except Skipping as skipping:
                return Skipped(skipping.reason, context.outcomes)
            except (LiquidError, LiquidInterrupt, *_ODD) as error:
                broken.append(_broken(error, piece))
            broken += [_lost(missing, token, piece) for missing, token in context.lost]
            outcomes = context.outcomes
            made.append(paper.getvalue())
        if broken:
            return Broken(tuple(dict.fromkeys(broken)), outcomes)
        subject, preheader, sender, reply_to, html, text = made
        if self.variant.text is None:
            text = _closed(text)
        return Rendered(
            _line(subject), _line(preheader), html, text, outcomes, _line(sender), _line(reply_to)
        )


def compile_letter(template: Template, variant: Variant, page: Page) -> CompiledLetter:
    """Raises DefinitionError with everything that is wrong with it; warnings are on the letter."""
    policies = {**template.variants[0].missing, **variant.missing}
    register = Register(policies)
    register.findings.extend(page.findings)
    plain, html = environment(variant.language, False), environment(variant.language, True)
    heads = (variant.subject, variant.preheader, template.sender, template.reply_to)
    parts: list[tuple[Liquid, str, Origin]] = [
        *((plain, said, of_header(template, variant, said)) for said in heads),
        (html, page.html, of_html(template, variant, page)),
        (plain, page.text, of_text(template, variant, page)),
    ]
    pieces = [_piece(env, said, origin, register, template) for env, said, origin in parts]
    if None not in pieces:  # else what could not be read may hold the tests that are missing
        register.conclude()
        register.findings += _never_read(template, variant, register)
    findings = tuple(dict.fromkeys(register.findings))
    if any(found.level == "error" for found in findings):
        raise DefinitionError(list(findings))
    return CompiledLetter(
        template=template,
        variant=variant,
        reads=register.reads(),
        blocks=tuple(register.blocks),
        outcomes=tuple(register.outcomes),
        findings=findings,
        pieces=tuple(piece for piece in pieces if piece is not None),
    )


def _piece(
    env: Liquid, said: str, origin: Origin, register: Register, template: Template
) -> Piece | None:
    try:
        sheet = env.parse(said)
        fitter = Fitter(env, register, origin, Scope(template.data), said)
        nodes = fitter.nodes(sheet.nodes)
    except LiquidError as error:
        register.findings.append(_unreadable(error, origin))
        return None
    assert isinstance(sheet, Sheet)  # noqa: S101  # template_class says so; this tells mypy
    return Piece(sheet, Body(Token("", "", -1, said), nodes, blank=False), origin)


def _never_read(template: Template, variant: Variant, register: Register) -> list[Finding]:
    """Policies of this variant for what it does not read: mostly a slip of the pen."""
    elsewhere = str(template.data)  # addresses and choices of items read variables, too
    found = []
    for name in variant.missing:
        if path_of(name) not in register.used and name not in elsewhere:
            origin = of_header(template, variant, name)
            message = f"[missing] speaks of “{name}”, which this letter does not read"
            token = Token("", name, 0, name)
            found.append(finding("policy_unused", message, token, origin, "warning"))
    return found


def _closed(text: str) -> str:
    """A derived text without the gaps that loops and blocks leave where they show nothing."""
    if " \n" in text:
        text = _TRAILING.sub("\n", text)
    return _GAP.sub("\n\n", text) if "\n\n\n" in text else text


_TRAILING: Final = re.compile(r"[ \t]+\n")
_GAP: Final = re.compile(r"\n{3,}")


def _line(text: str) -> str:
    """On one line, without control characters: what would end a header begins another."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _unreadable(error: LiquidError, origin: Origin) -> Finding:
    cause = error.__cause__
    message = str(error.message)
    if isinstance(cause, RecursionError):
        message = "this is nested too deeply"
    match error:
        case ResourceLimitError():
            what = "too_much"
        case UnknownTagError():
            what = "unknown_tag"
        case _:
            what = "syntax"
    return finding(what, message, error.token, origin)


def _broken(error: Exception, piece: Piece) -> Finding:
    token = error.token if isinstance(error, LiquidError) else None
    match error:
        case ResourceLimitError():
            what, message = "too_much", str(error.message)
        case Unsafe():
            what, message = "unsafe", str(error.message)
        case LiquidError():
            what, message = "filter", str(error.message)
        case Hidden():
            what, message = "hide_outside", "a value that hides its block is missing outside one"
        case LiquidInterrupt():
            what, message = "syntax", f"“{error}” stands outside a loop"
        case RecursionError():
            what, message = "too_much", "this is nested too deeply"
        case _:
            what, message = "filter", "a value is of a kind that nothing can be done with here"
    return finding(what, message, token, piece.origin)


def _lost(missing: Missing, token: Token, piece: Piece) -> Finding:
    name = name_of(missing.path)
    return finding(
        "missing",
        f"“{name}” has no value here, and no policy says what to do then",
        token,
        piece.origin,
        hint=f'under [missing]: "{name}" = "…", or {{ hide = true }}, or {{ skip = "…" }}',
    )
