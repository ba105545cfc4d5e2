"""Every mapping on the documents' pages can be read."""

import re
from pathlib import Path

import pytest

from lettershop.ingest.mapping_text import check_mapping

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("reference/mapping.md", "how-to/import-files.md")
BLOCK = re.compile(r"^```toml\n(.*?)^```", re.M | re.S)
BLOCKS = [
    (page, n, text)
    for page in PAGES
    for n, text in enumerate(
        re.findall(r"^```toml\n(.*?)^```", (DOCS / page).read_text(), re.M | re.S)
    )
]


@pytest.mark.parametrize(("page", "n", "text"), BLOCKS, ids=lambda v: str(v)[:20])
def test_mappings_on_pages(page: str, n: int, text: str) -> None:
    _, findings = check_mapping(text, page)
    assert findings == []
