"""The letter that is rendered, and whom it is rendered for."""

import re
from decimal import Decimal
from random import Random
from typing import Any

from lettershop.content.letter import Page
from lettershop.content.liquid.compiled import CompiledLetter, compile_letter
from lettershop.content.template import Items, Template, Variant

_PARAGRAPH = (
    '<p style="margin:0 0 12px;font-family:Arial,sans-serif;font-size:15px;line-height:22px;'
    'color:#222222">'
    + "Every month we write about what is new, what is better and what has become cheaper. " * 3
    + "</p>\n"
)
SUBJECT = "News for {{ contact.first_name | default: 'you' }}"
BODY = (
    "<h1>Hi {{ contact.first_name | default: 'you' }},</h1>\n"
    + _PARAGRAPH * 8
    + '{% if account.plan == "pro" %}<p>Thank you for being with us, {{ account.name }}.</p>'
    "{% else %}<p>What would {{ account.name }} do with more seats?</p>{% endif %}\n"
    + _PARAGRAPH
    * 6
    + "<table>{% for offer in offers %}<tr><td><img alt='' src='https://shop.example/i.png'></td>"
    '<td><a href="{{ offer.url }}">{{ offer.title }}</a></td><td>{{ offer.price }}</td></tr>'
    "{% endfor %}</table>\n"
    + _PARAGRAPH
    * 6
    + '<a href="https://shop.example/c/{{ contact.id }}">Your account</a> '
    '<a href="{{ owner.calendar }}">{{ owner.name }}</a> '
    '<a href="{{ preferences_url }}">Preferences</a> '
    '<a href="{{ unsubscribe_url }}">Unsubscribe</a>\n'
)
TEXT = (
    "Hi {{ contact.first_name | default: 'you' }},\n\n"
    "{% for offer in offers %}{{ offer.title }}: {{ offer.price }}, {{ offer.url }}\n{% endfor %}"
    "\nUnsubscribe: {{ unsubscribe_url }}\n"
)


def letter() -> CompiledLetter:
    variant = Variant(
        language="",
        subject=SUBJECT,
        preheader="",
        markup="html",
        body=BODY,
        line=1,
        source="n.html",
    )
    template = Template(name="n", variants=(variant,), data={"offers": Items(catalog="offers")})
    places = tuple((m.start(), m.start()) for m in re.finditer(r"\{[{%]", BODY))
    return compile_letter(
        template, variant, Page(html=BODY, text=TEXT, places=places, text_places=())
    )


def values(people: int, seed: int = 1) -> list[dict[str, Any]]:
    """A tenth has no first name, half are on the plan that is asked for, some have two offers."""
    random = Random(seed)
    return [_one(number, random) for number in range(people)]


def _one(number: int, random: Random) -> dict[str, Any]:
    contact = {"id": f"c{number}"}
    if random.random() < 0.9:
        contact["first_name"] = random.choice(["Ann", "Ben", "Chloé", "Dee & Co"])
    return {
        "contact": contact,
        "account": {"name": f"Acme {number}", "plan": random.choice(["pro", "free"])},
        "owner": {"name": "Eva Stone", "calendar": "https://cal.example/eva?a=1&b=2"},
        "offers": [_offer(random) for _ in range(random.choice([4, 4, 4, 2]))],
        "preferences_url": f"https://shop.example/p/{number}",
        "unsubscribe_url": f"https://shop.example/u/{number}",
    }


def _offer(random: Random) -> dict[str, Any]:
    number = random.randrange(1000)
    return {
        "title": f"Offer <{number}>",
        "url": f"https://shop.example/offers/{number}",
        "price": Decimal(number) / 4,
    }


def jinja(said: str) -> str:
    """The same in Jinja2's words."""
    said = said.replace("default: 'you'", "default('you')")
    return said.replace("{% elsif", "{% elif")
