"""The files of one name -> a Template, or what is wrong with them."""

from collections.abc import Iterator, Sequence
from pathlib import PurePosixPath

import msgspec

from lettershop.content.languages import language_tag
from lettershop.content.reading import FENCE, NAME_LIMIT, Front, read_front
from lettershop.content.template import Markup, Template, Variant
from lettershop.language.places import Places
from lettershop.language.tables import Page
from lettershop.model.errors import Finding

LETTERS: dict[str, Markup] = {".mjml": "mjml", ".html": "html"}
TEXTS = ".txt"
LANGUAGES = "de, pt-BR, zh-Hant: a dot in a name begins the language"


class Part(msgspec.Struct, kw_only=True):
    """A file of a template. `said`: its text. `front`: of a letter that could be read."""

    path: PurePosixPath
    name: str
    language: str
    said: str
    page: Page
    front: Front | None = None

    @property
    def markup(self) -> Markup | None:
        """None: it is a text part."""
        return LETTERS.get(self.path.suffix)


def name_of(path: str) -> str:
    """The template a file belongs to: `spring/offer.de.mjml` -> `spring/offer`."""
    file = PurePosixPath(path)
    return (file.parent / file.stem.partition(".")[0]).as_posix()


def part_of(path: str, said: str | Finding, source: str) -> Part:
    """Read one file. `said`: what it says, or why that is not known."""
    page = Page(source=source, places=Places(""))
    file, name = PurePosixPath(path), name_of(path)
    _, dot, tag = file.stem.partition(".")
    language = language_tag(tag) if dot else ""
    text = "" if isinstance(said, Finding) else said
    part = Part(
        path=file, name=name, language=tag if language is None else language, said=text, page=page
    )
    if isinstance(said, Finding):
        page.findings.append(said)
        return part
    if language is None:
        page.say("template.language", f"“{tag}” is not a language", hint=LANGUAGES)
    if problem := _bad_name(name):
        page.say("template.name", f"a name {problem}", hint="short-names-like-this")
    if part.markup is None:
        _read_text(part)
    else:
        part.front = read_front(text, page, default=not dot)
    return part


def assemble(name: str, parts: Sequence[Part]) -> tuple[Template | None, list[Finding]]:
    """All files of that name. None: something is wrong with it."""
    letters = [part for part in parts if part.markup is not None]
    texts = [part for part in parts if part.markup is None]
    for twin in [*_twins(letters), *_twins(texts)]:
        twin.page.say("template.duplicate", f"there is another {_called(twin)} of “{name}”")
    languages = {part.language for part in letters}
    for text in texts:
        if text.language not in languages and text.page.sound:
            hint = f"write {text.path.with_suffix('.mjml')}, or remove this file"
            text.page.say("template.text_alone", "there is no letter to this text part", hint=hint)
    if letters and "" not in languages:
        hint = f"the file without a language is the default: {name}.mjml"
        letters[0].page.say("template.no_default", f"“{name}” has no default language", hint=hint)
    default = next((part.front for part in letters if not part.language), None)
    template = None
    if default is not None and all(part.page.sound for part in parts):
        template = _template(name, default, letters, texts)
        _warn_of_absent(template, next(part for part in letters if not part.language))
    return template, [finding for part in parts for finding in part.page.findings]


def _template(
    name: str, default: Front, letters: Sequence[Part], texts: Sequence[Part]
) -> Template:
    written = {part.language: part for part in texts}
    ordered = sorted(letters, key=lambda part: part.language)
    return Template(
        name=name,
        title=default.title,
        description=default.description,
        stream=default.stream,
        sender=default.sender,
        reply_to=default.reply_to,
        languages=default.languages,
        data=default.data,
        variants=tuple(
            variant
            for part in ordered
            for variant in _variant(part, default, written.get(part.language))
        ),
        files={str(part.path): part.said for part in (*letters, *texts)},
    )


def _variant(part: Part, default: Front, text: Part | None) -> Iterator[Variant]:
    """One; none of what could not be read."""
    front, markup = part.front, part.markup
    if front is None or markup is None:
        return
    yield Variant(
        language=part.language,
        subject=front.subject,
        preheader=front.preheader,
        markup=markup,
        body=front.body,
        line=front.line,
        source=part.page.source,
        text=text.said if text else None,
        text_source=text.page.source if text else "",
        missing={**default.missing, **front.missing},
    )


def _read_text(part: Part) -> None:
    if part.said.partition("\n")[0].rstrip() == FENCE:
        hint = "the letter beside it says subject and all else"
        part.page.say("template.text_front_matter", "a text part has no front matter", hint=hint)
    elif not part.said.strip():
        hint = "remove the file, and the text part is derived from the letter"
        part.page.say("template.empty", "the text part is empty", hint=hint)


def _warn_of_absent(template: Template, default: Part) -> None:
    """Languages to try next that are not there."""
    there = {variant.language for variant in template.variants}
    for language, others in template.languages.items():
        for absent in sorted({*others} - there):
            message = f"“{language}” falls back to “{absent}”, but there is no letter in it"
            path = ("languages", language)
            default.page.say("template.no_variant", message, path, level="warning")


def _twins(parts: Sequence[Part]) -> list[Part]:
    languages = [part.language for part in parts]
    return [part for part in parts if languages.count(part.language) > 1]


def _called(part: Part) -> str:
    what = "letter" if part.markup else "text part"
    return f"{what} in {part.language}" if part.language else f"default {what}"


def _bad_name(name: str) -> str:
    if len(name) > NAME_LIMIT:
        return f"has at most {NAME_LIMIT} characters"
    if any(not part or part != part.strip() for part in name.split("/")):
        return "cannot be blank nor begin or end with a space"
    return "" if name.isprintable() else "is one line of printable characters"
