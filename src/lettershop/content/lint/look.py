"""How text looks: colours, size, whether it is seen at all, from the styles written into elements.

What cannot be known (pictures behind text, colours that Liquid brings, links without a colour) is
None, and then nothing is judged: a false alarm costs more than a fault that is overlooked.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from tinycss2 import color3

from lettershop.content.lint.tree import Element


class Colour(NamedTuple):
    """sRGB, 0 to 1."""

    red: float
    green: float
    blue: float

    def __str__(self) -> str:
        return "#" + "".join(f"{round(part * 255):02x}" for part in self)


class Look(NamedTuple):
    """`size`: pixels. `hidden`: why it is not seen, "" if it is. `picture`: text stands on one."""

    colour: Colour | None = Colour(0, 0, 0)
    ground: Colour | None = Colour(1, 1, 1)
    size: float | None = 16.0
    bold: bool = False
    hidden: str = ""
    picture: bool = False


_DECLARATION = re.compile(r"\s*([\w-]+)\s*:\s*((?:[^;(]|\([^)]*\))*)")
_PART = re.compile(r"(?:[^\s(]|\([^)]*\))+")
_LENGTH = re.compile(r"(\d+\.?\d*|\.\d+)\s*(px|pt|em|rem|%)?")
_FACTOR = {"px": 1.0, "pt": 4 / 3, "rem": 16.0}
_BOLD = frozenset(("b", "strong", "th", "h1", "h2", "h3", "h4", "h5", "h6"))
_SIZES = {"h1": 2.0, "h2": 1.5, "h3": 1.17, "h5": 0.83, "h6": 0.67, "small": 0.83}
"""HTML Living Standard, 15.3 “Flow content”: what headings are by themselves."""
LONGEST = 5_000
"""Characters of a style; what stands behind them is not read."""
UNSEEN_SIZE = 2.0
FAR = 500
"""Pixels beyond the edge of a letter."""


@lru_cache(maxsize=4096)
def declarations(style: str) -> dict[str, str]:
    """Property to value, in small letters, in the order in which they count; “!important” first."""
    found: dict[str, tuple[bool, str]] = {}
    for name, value in _DECLARATION.findall(style[:LONGEST].lower()):
        plain = value.removesuffix("!important").strip() if "!" in value else value.strip()
        weight = "!important" in value
        if not weight and found.get(name, (False, ""))[0]:
            continue
        found.pop(name, None)
        found[name] = (weight, plain)
    return {name: value for name, (_, value) in found.items()}


@lru_cache(maxsize=4096)
def colour(text: str) -> tuple[Colour | None, float]:
    """With its opacity; None for what is none, or not one that can be known."""
    found = color3.parse_color(text) if text else None
    if found is None or isinstance(found, str):
        return None, 1.0
    return Colour(found.red, found.green, found.blue), found.alpha


def looked(element: Element, around: Look) -> Look:
    """How text directly in an element looks; `around`: in the element it stands in."""
    style = declarations(element.get("style"))
    ground, picture = _ground(element, style, around)
    if picture or "filter" in style or "mix-blend-mode" in style:
        ground = None
    size = _size(element, style, around.size)
    weight = style.get("font-weight", "bold" if element.name in _BOLD else "")
    bold = around.bold if not weight else weight.startswith("bold") or weight in _HEAVY
    said = _text_colour(element, style, around)
    see_through = style.get("opacity", "1") not in ("1", "1.0", "100%")
    return Look(
        colour=None if see_through else said,
        ground=ground,
        size=size,
        bold=bold,
        hidden=around.hidden or _hidden(element, style),
        picture=picture,
    )


_HEAVY = frozenset(("700", "800", "900", "bolder"))


def _text_colour(element: Element, style: dict[str, str], around: Look) -> Colour | None:
    said = style.get("color") or element.get("color" if element.name == "font" else "text")
    if said == "inherit":
        return around.colour
    if said:
        found, alpha = colour(said)
        return found if alpha == 1 else None
    return None if element.name == "a" and "href" in element.attributes else around.colour


def _ground(element: Element, style: dict[str, str], around: Look) -> tuple[Colour | None, bool]:
    """The colour behind the text, and whether a picture is there."""
    ground, picture = around.ground, around.picture
    if element.get("background"):
        return None, True
    if said := element.get("bgcolor"):
        ground, picture = _over(said, ground), False
    for name, value in style.items():
        match name:
            case "background" | "background-color" | "background-image":
                if "url(" in value or "gradient" in value:
                    return None, True
                named = _PART.findall(value)
                if any(colour(part)[0] for part in named):
                    value = next(part for part in named if colour(part)[0])
                    ground, picture = _over(value, ground), False
                elif not all(_NOTHING.fullmatch(part) for part in named):
                    ground = None
    return ground, picture


_NOTHING = re.compile(
    r"none|transparent|initial|unset|(?:no-)?repeat(?:-[xy])?|scroll|fixed|center|top|bottom|left|"
    r"right|cover|contain|auto|/|[\d.]+(?:px|%)?"
)
"""Words of `background` that are no colour."""


def _over(said: str, ground: Colour | None) -> Colour | None:
    found, alpha = colour(said)
    if found is None and not said.startswith("#"):
        found, alpha = colour(f"#{said}")  # bgcolor="f4f4f4"
    if found is not None and alpha == 0:
        return ground
    return found if alpha == 1 else None


def _size(element: Element, style: dict[str, str], around: float | None) -> float | None:
    said = style.get("font-size")
    if said is None:
        factor = _SIZES.get(element.name, 1.0)
        return None if around is None else around * factor
    found = _LENGTH.fullmatch(said)
    if found is None:
        return None
    number, unit = float(found.group(1)), found.group(2) or "px"
    if unit in _FACTOR:
        return number * _FACTOR[unit]
    return None if around is None else around * number / (100 if unit == "%" else 1)


def _hidden(element: Element, style: dict[str, str]) -> str:
    if style.get("display") == "none" or "hidden" in element.attributes:
        return "display:none"
    if style.get("visibility") in ("hidden", "collapse"):
        return "visibility:hidden"
    if style.get("opacity") in ("0", "0.0", "0%"):
        return "opacity:0"
    flat = any(_zero(style.get(name)) for name in ("max-height", "height", "max-width", "width"))
    if flat and style.get("overflow") == "hidden":
        return "a box of no size"
    away = ("text-indent", "left", "top", "margin-left", "margin-top")
    if any(_far(style.get(name, "")) for name in away):
        return "beyond the edge"
    return ""


def _zero(said: str | None) -> bool:
    return said is not None and bool(re.fullmatch(r"0(?:px|%|em)?", said))


def _far(said: str) -> bool:
    found = re.fullmatch(r"-(\d+)(?:\.\d*)?(?:px|em|%)?", said)
    return found is not None and float(found.group(1)) >= FAR


def contrast(one: Colour, other: Colour) -> float:
    """From 1 to 21. WCAG 2.1, “contrast ratio” and “relative luminance”."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=4096)
def _luminance(of: Colour) -> float:
    red, green, blue = (c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in of)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
