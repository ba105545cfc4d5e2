"""Whether MJML says what its writer thinks it says. Told are unknown elements and attributes,
elements in the wrong place, values of the wrong kind, and Liquid where it would be lost."""

from collections.abc import Sequence

from lettershop.content.markup.marks import Marks
from lettershop.content.markup.mjml_rules import RULES, Rule, example, fits, nearest
from lettershop.content.markup.mjml_tree import Child, Element, Piece
from lettershop.content.markup.nesting import CROSSED_HINT, Nesting, crossed, watch
from lettershop.content.markup.report import Report
from lettershop.content.markup.tokens import Attribute

AS_RAW = ("mj-body", "mj-wrapper", "mj-section", "mj-group", "mj-column", "mj-hero")
"""Elements between whose children Liquid goes in an `<mj-raw>`; in a navbar as a comment."""
LIQUID_BETWEEN = ("", "mjml", "mj-navbar", *AS_RAW)
MAIL_ICONS = "https://www.mailjet.com"


def check(top: Sequence[Child], marks: Marks, report: Report) -> Element | None:
    """The `<mjml>` of a body, if there is one; what is wrong with it goes to the report."""
    Check(marks, report).children(Element("", (), 0, list(top)))
    roots = [child for child in top if isinstance(child, Element) and child.name == "mjml"]
    if len(roots) != 1:
        message = "the body has no <mjml>" if not roots else "the body has more than one <mjml>"
        hint = (
            "a body of MJML is <mjml><mj-body>…</mj-body></mjml>; plain HTML goes in a .html file"
        )
        report.say("mjml.root", message, hint=hint)
        return None
    bodies = [c for c in roots[0].children if isinstance(c, Element) and c.name == "mj-body"]
    if len(bodies) != 1:
        many = "more than one" if bodies else "no"
        report.say("mjml.root", f"<mjml> has {many} <mj-body>", roots[0].start, len("<mjml"))
        return None
    return roots[0]


class Check:
    def __init__(self, marks: Marks, report: Report) -> None:
        self.marks, self.report = marks, report
        self.nesting = Nesting(marks.paired)

    def children(self, parent: Element) -> None:
        for child in parent.children:
            match child:
                case Element():
                    self.element(child, parent)
                case Piece():
                    self.piece(child, parent)

    def piece(self, piece: Piece, parent: Element) -> None:
        mark = self.marks.of(piece.word)[0]
        if parent.name not in LIQUID_BETWEEN:
            self.report.say(
                "mjml.liquid_here",
                f"Liquid cannot stand between the parts of <{parent.name}>",
                piece.start,
                len(piece.word),
                hint=f"write it around the whole <{parent.name}>, or within its parts",
            )
        block = self.nesting.meet(mark, parent)
        if block:
            self.report.say(
                "markup.crossed",
                crossed(block, mark),
                piece.start,
                len(piece.word),
                hint=CROSSED_HINT,
            )

    def element(self, element: Element, parent: Element) -> None:
        rule = RULES.get(element.name, parent.name)
        if rule is None and not parent.name:
            return  # it is told that there is no <mjml>
        length = len(element.name) + 1
        if rule is None:
            self.unknown(element, parent)
            return
        if rule.refused:
            message = f"<{element.name}> cannot be used: {rule.refused}"
            self.report.say("mjml.refused", message, element.start, length)
            return
        if parent.name not in (rule.parents or ("",)):
            self.misplaced(element, parent, rule)
        self.attributes(element, rule)
        self.children(element)

    def unknown(self, element: Element, parent: Element) -> None:
        near = RULES.near(element.name)
        allowed = ", ".join(f"<{name}>" for name in RULES.children(parent.name))
        html = f"HTML goes into <mj-text> or <mj-raw>; here may stand {allowed}"
        message = f"there is no <{element.name}> in MJML"
        if not element.name.startswith("mj"):
            message = f"HTML cannot stand directly in <{parent.name}>: <{element.name}>"
        hint = f"<{near}>" if near else html
        self.report.say("mjml.unknown", message, element.start, len(element.name) + 1, hint=hint)

    def misplaced(self, element: Element, parent: Element, rule: Rule) -> None:
        where = " or ".join(f"<{name}>" for name in rule.parents) or "at the top"
        inside = f"in <{parent.name}>" if parent.name else "at the top"
        self.report.say(
            "mjml.place",
            f"<{element.name}> cannot stand {inside}",
            element.start,
            len(element.name) + 1,
            hint=f"it stands in {where}" if rule.parents else "",
        )

    def attributes(self, element: Element, rule: Rule) -> None:
        seen = set[str]()
        for attribute in element.attributes:
            if attribute.name in seen:
                message = f"<{element.name}> has “{attribute.name}” twice"
                self.report.say("mjml.attribute", message, attribute.start, len(attribute.name))
            seen.add(attribute.name)
            if self.marks.word in attribute.name:
                self.in_tag(attribute)
                continue
            kind = rule.attributes.get(attribute.name)
            if kind is None:
                self.unknown_attribute(element, attribute, rule)
                continue
            found = self.marks.of(attribute.value)
            watch(attribute.value, self.marks, self.nesting, self.report, attribute.value_start)
            if not found and not fits(attribute.value, kind):
                self.unfit(element, attribute, kind)
        if element.name == "mj-preview" and self.report.variant.preheader.strip():
            self.preview(element)
        if element.name == "mj-social-element":
            self.icon(element)

    def in_tag(self, attribute: Attribute) -> None:
        self.report.say(
            "markup.liquid_in_tag",
            "Liquid cannot stand among the names of a tag, only in the values of its attributes",
            attribute.start,
            len(attribute.name),
            hint='write css-class="{% if vip %}gold{% endif %}"',
        )

    def unknown_attribute(self, element: Element, attribute: Attribute, rule: Rule) -> None:
        near = nearest(attribute.name, list(rule.attributes))
        known = ", ".join(sorted(rule.attributes)) or "none at all"
        self.report.say(
            "mjml.attribute",
            f"<{element.name}> has no attribute “{attribute.name}”",
            attribute.start,
            len(attribute.name),
            hint=near or f"it takes {known}",
        )

    def unfit(self, element: Element, attribute: Attribute, kind: str) -> None:
        self.report.say(
            "mjml.value",
            f"“{attribute.name}” of <{element.name}> cannot be `{attribute.value[:40]}`",
            attribute.start,
            len(attribute.name),
            hint=example(kind),
        )

    def preview(self, element: Element) -> None:
        self.report.say(
            "mjml.preview",
            "<mj-preview> comes on top of the preheader of the front matter: both are shown",
            element.start,
            len("<mj-preview"),
            hint="leave out one of them",
            level="warning",
        )

    def icon(self, element: Element) -> None:
        """The compiler's own icons lie on somebody else's server, which sees who opens letters."""
        if any(attribute.name == "src" for attribute in element.attributes):
            return
        self.report.say(
            "mjml.icon",
            f"without src the icon is loaded from {MAIL_ICONS} whenever a letter is opened",
            element.start,
            len(element.name) + 1,
            hint='src="https://www.yours.example/icons/linkedin.png"',
            level="warning",
        )
