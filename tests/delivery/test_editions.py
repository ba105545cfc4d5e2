"""Templates as they were when a send was frozen."""

import pytest

from lettershop.content.folder import templates_of
from lettershop.content.template import Template
from lettershop.delivery.editions import edition, keep
from lettershop.delivery.models import Edition
from lettershop.model.errors import NotFound

FILES = {
    "spring/offer.html": '+++\nsubject = "Grüße, {{ contact.name }} 🌷"\n+++\n<p>Hi\n\n</p>',
    "spring/offer.de.html": '+++\nsubject = "Neues"\n+++\n<p>Hallo</p>',
    "spring/offer.txt": "Hi\n",
}


def template(**changed: str) -> Template:
    (found,) = templates_of(FILES | changed).templates
    return found


@pytest.mark.usefixtures("recorded")
def test_an_edition_is_the_template_it_was() -> None:
    kept = template()
    digest = keep(kept, 5)
    assert keep(template(), 9) == digest == kept.digest
    assert Edition.objects.get().kept_at == 5
    other = keep(template(**{"spring/offer.txt": "Hello\n"}), 9)
    assert other != digest and Edition.objects.count() == 2
    assert edition(digest) == kept


@pytest.mark.usefixtures("recorded")
def test_an_edition_nobody_kept() -> None:
    with pytest.raises(NotFound) as found:
        edition("0123456789abcdef")
    assert found.value.code == "edition.unknown"
