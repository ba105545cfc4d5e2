"""Where people meet the lint: `check` tells of templates, a preview of the letter in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from opened_shop import Shop, migrated, open_shop

from lettershop.app import Workspace
from lettershop.app.letters import Letters, Preview
from lettershop.app.templates import check_templates
from lettershop.engines.duckdb.rows import load
from lettershop.model.clock import parse_instant
from lettershop.model.errors import DefinitionError
from lettershop.model.facts import ContactFact

AT = parse_instant("2026-03-01T10:00Z")
GOOD = """\
+++
subject = "{{ contact.first_name }}, what changes in June"
preheader = "Codes and forms"
sender = "Ann <ann@example.com>"
[missing]
"contact.first_name" = "Hello"
"contact.site" = "https://www.example.com/"
+++
<mjml lang="en"><mj-head><mj-style>:root { color-scheme: light dark; }</mj-style></mj-head>
<mj-body background-color="#ffffff"><mj-section><mj-column>
<mj-text color="#222222">See <a href="{{ contact.site }}">your own page</a> for all of it.</mj-text>
<mj-text color="#222222">{{ sender.postal_address }}
<a href="{{ unsubscribe_url }}">Leave</a></mj-text>
</mj-column></mj-section></mj-body></mjml>
"""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    folder = Workspace.init(tmp_path / "shop")
    with (folder / "lettershop.toml").open("a") as file:
        file.write('postal_address = "Shop Ltd, 1 Main Street, Bonn"\n')
    (folder / "content").mkdir(exist_ok=True)
    with open_shop(folder, migrated(tmp_path / "records")) as opened:
        people = {
            "A": {"first_name": "Ann"},
            "B": {"site": "http://192.168.0.1/b"},
            "C": {"site": "shop/c"},
        }
        with opened.engine.write() as workspace:
            facts = [
                ContactFact(
                    ts=AT, received_at=AT, message_id=user, contact=f"user:{user}", traits=traits
                )
                for user, traits in people.items()
            ]
            load(workspace.store, facts)
        yield opened


def write(shop: Shop, text: str) -> None:
    (shop.path / "content" / "june.mjml").write_text(text)


def preview(shop: Shop, who: str) -> Preview:
    with shop.engine.read() as workspace:
        return Letters(workspace, shop.principal("editor")).preview("june", who)


def checked(shop: Shop) -> list[tuple[str, str]]:
    """The same to the API and to the commands."""
    with shop.engine.read() as workspace:
        found = Letters(workspace, shop.principal("editor")).check()
        folder = check_templates(workspace.path, workspace.store.catalog()).findings
    assert {*found} == {*folder}
    return [(f.code, f.level) for f in found]


def test_nothing_is_said_of_a_good_letter(shop: Shop) -> None:
    write(shop, GOOD)
    assert checked(shop) == []
    assert preview(shop, "user:A").findings == ()


def test_a_preview_tells_what_the_values_brought(shop: Shop) -> None:
    write(shop, GOOD)
    assert [f.code for f in preview(shop, "user:B").findings] == ["lint.link_private"]
    (finding,) = preview(shop, "user:C").findings
    assert (finding.code, finding.source) == ("lint.link_relative", "content/june.mjml")


def test_the_settings_have_their_part(shop: Shop) -> None:
    write(shop, GOOD.replace("{{ sender.postal_address }}", "Bonn"))
    assert [f.code for f in preview(shop, "user:A").findings] == ["lint.postal_missing"]


def test_a_letter_that_must_not_leave_is_not_even_looked_at(shop: Shop) -> None:
    write(shop, GOOD.replace('subject = "', 'subject = "Re: '))
    assert checked(shop) == [("lint.subject_reply", "error")]
    with pytest.raises(DefinitionError) as refused:
        preview(shop, "user:A")
    assert refused.value.code == "lint.subject_reply"
