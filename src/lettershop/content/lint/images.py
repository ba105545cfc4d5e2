"""Images: that they come, and that a letter says the same without them."""

import re
from collections.abc import Iterator

from lettershop.content.lint.links import judged
from lettershop.content.lint.look import declarations
from lettershop.content.lint.paper import OUTPUT, Paper, literal, shown
from lettershop.content.lint.rule import Fault
from lettershop.content.lint.tree import Element

LARGE = 10 * 1024
"""Bytes of an image that is written into the HTML."""
LITTLE_TEXT = 150
"""Characters that a reader sees without images: less than a greeting, a sentence and a footer."""
_ADDRESS = {
    "lint.link_relative": "lint.image_relative",
    "lint.link_broken": "lint.image_relative",
    "lint.link_http": "lint.image_http",
    "lint.link_private": "lint.image_private",
}
_FORMAT = re.compile(r"\.(svgz?|webp|avif|heic|tiff?|bmp)(?:[?#]|$)", re.I)


def images(paper: Paper) -> Iterator[Fault]:
    found = [image for image in paper.named("img") if not _is_pixel(image)]
    for image in found:
        yield from _image(image)
    if found and not paper.template and len(paper.seen) < LITTLE_TEXT:
        yield Fault("lint.image_only", f"{len(paper.seen)}")


def _image(image: Element) -> Iterator[Fault]:
    address = image.get("src").strip()
    name = shown(address.rpartition("/")[2] or address) or "without an address"
    if "alt" not in image.attributes:
        yield Fault("lint.image_alt", name, literal(address))
    if not address:
        yield Fault("lint.image_relative", "nothing", "<img")
    elif address.lower().startswith("data:"):
        large = len(address) * 3 // 4 > LARGE
        yield Fault("lint.image_data", quote="data:image", level="warning" if large else "info")
        return
    elif not address.lower().startswith("cid:"):
        for fault in judged(address):
            if fault.code in _ADDRESS:
                yield Fault(_ADDRESS[fault.code], fault.about, fault.quote)
    if found := _FORMAT.search(address):
        yield Fault("lint.image_format", found.group(1).lower(), literal(address))
    if not _has_width(image):
        yield Fault("lint.image_width", name, literal(address))


def _has_width(image: Element) -> bool:
    style = declarations(image.get("style"))
    return bool(image.get("width")) or "width" in style or "max-width" in style


def _is_pixel(image: Element) -> bool:
    """An image of one pixel that counts openings: nobody misses it."""
    style = declarations(image.get("style"))
    sizes = {
        image.get(side) or style.get(side, "").removesuffix("px") for side in ("width", "height")
    }
    return bool(sizes & {"0", "1"}) and OUTPUT not in sizes
