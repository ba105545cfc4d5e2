"""`make translations`: what the pages say, collected and compiled.

Each area of the pages (`web/pages/<area>`, `web/templates/<area>`) has its own catalogue,
`web/locale/<area>/<language>/LC_MESSAGES/django.po`; what all share is `frame`'s. Sentences
are written in English; whoever translates fills in the others. This adds sentences that are new,
drops those that are gone, and writes the `.mo` files beside them, which git ignores and a wheel
takes along. `--compile` only writes those; `--area NAME` does one. What recipients read is not
here: `web/public/words.toml` has it, in more languages.
"""

import argparse
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

import lettershop.ready  # noqa: F401  (Django reads templates as its settings say)

WEB: Final = Path(__file__).parent.parent / "src" / "lettershop" / "web"
LOCALE: Final = WEB / "locale"
KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
LANGUAGES: Final = ("de",)


def area_of(path: Path) -> str:
    """`frame` for what all areas share."""
    inside = path.relative_to(WEB).parts
    return inside[1] if len(inside) > 2 and inside[1] != "parts" else "frame"


def sentences(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Each sentence of a file, in singular and plural where it has both, with its context."""
    text = path.read_text("utf-8")
    if path.suffix == ".html":
        lines = templatize(text, origin=str(path)).splitlines()
        text = "\n".join(line.strip() for line in lines)  # no indentation that Python would judge
    for _, message, _, context in extract("python", BytesIO(text.encode()), KEYWORDS):
        if message:
            yield message, context


def collected(area: str) -> Catalog:
    """What an area says, sorted by sentence."""
    catalog = Catalog(fuzzy=False)
    for folder in ("pages", "templates"):
        for path in sorted((WEB / folder).rglob("*")):
            if path.suffix in (".html", ".py") and area_of(path) == area:
                for message, context in sentences(path):
                    catalog.add(message, context=context)
    return catalog


def areas() -> list[str]:
    named = {p.name for p in (WEB / "pages").iterdir() if (p / "addresses.py").exists()}
    return ["frame", *sorted(named)]


def catalogue(area: str, language: str) -> Path:
    return LOCALE / area / language / "LC_MESSAGES" / "django.po"


def read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=language, fuzzy=False)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(area: str, language: str) -> Catalog:
    """The area's catalogue with what is said now, translated as far as it was."""
    before = read(catalogue(area, language), language)
    new = Catalog(locale=language, fuzzy=False, project="Lettershop", charset="utf-8")
    for message in collected(area):
        if message.id:
            known = before.get(message.id, message.context)
            new.add(message.id, known.string if known else None, context=message.context)
    return new


def write(area: str, language: str) -> None:
    catalog, path = updated(area, language), catalogue(area, language)
    if not len(catalog) and not path.exists():
        return
    # Dates and addresses in the head would differ for nothing.
    head = [("Content-Type", "text/plain; charset=utf-8"), ("Plural-Forms", catalog.plural_forms)]
    path.parent.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    write_po(buffer, catalog, width=100, sort_output=True, omit_header=True, no_location=True)
    lines = "".join(f'"{name}: {value}\\n"\n' for name, value in head)
    path.write_text(f'msgid ""\nmsgstr ""\n{lines}\n{buffer.getvalue().decode()}', "utf-8")


def compile_all() -> None:
    for path in LOCALE.rglob("django.po"):
        with path.open("rb") as file:
            catalog = read_po(file, locale=path.parts[-3])
        with path.with_suffix(".mo").open("wb") as out:
            write_mo(out, catalog)


def missing(area: str, language: str) -> list[str]:
    """Sentences without a translation."""
    found = []
    for message in updated(area, language):
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id and not all(strings):
            found.append(str(message.id))
    return found


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--compile", action="store_true")
    reader.add_argument("--area", choices=areas())
    asked = reader.parse_args()
    if not asked.compile:
        for area in [asked.area] if asked.area else areas():
            for language in LANGUAGES:
                write(area, language)
                left = missing(area, language)
                print(f"{area:16} {language}  {len(left)} to translate")
    compile_all()


if __name__ == "__main__":
    main()
