"""The requests in docs/how-to/api.md work, one after the other."""

import re
from pathlib import Path

from opened_shop import Shop

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "api.md"
BLOCK = re.compile(r"```http\n(GET|POST|PUT) (\S+)\n(.*?)```", re.S)


LETTER = """+++
subject = "Hi"
+++
<p>Hi {{ contact.name }}, <a href="{{ unsubscribe_url }}">leave</a></p>
"""


def test_the_requests_of_the_page_work(shop: Shop) -> None:
    (shop.path / "content" / "welcome.html").write_text(LETTER)
    (shop.path / "segments" / "new-customers.toml").write_text("where = 'plan = \"pro\"'")
    text = PAGE.read_text("utf-8")
    blocks = BLOCK.findall(text)
    assert len(blocks) == text.count("```http") > 8
    client, editor = shop.client(), shop.bearer("editor")
    for method, path, body in blocks:
        answer = client.generic(
            method, path, body, content_type="application/json" if body else "", headers=editor
        )
        told = answer.json()
        begun = path.endswith(("/proofs", "/check"))
        assert answer.status_code == (202 if begun else 200), (path, told)
        assert (told.get("refused", []) == [] and told.get("items") != []) or "/events" in path
