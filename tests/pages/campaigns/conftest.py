"""A workspace with what a campaign needs, and somebody in every role who looks at its pages."""

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from campaign_story import Story, open_story
from django.test import Client

from lettershop.access.principal import Role


class Browser:
    """A client of one role; `get` and `post` expect a status and remember what was shown."""

    def __init__(self, client: Client) -> None:
        self.client, self.html, self.where = client, "", ""

    def get(self, path: str, status: int = 200, **headers: Any) -> str:
        return self._seen(self.client.get(path, **headers), status)

    def post(self, path: str, form: dict[str, Any] | None = None, status: int = 302) -> str:
        answer = self.client.post(path, form or {})
        self.where = answer.headers.get("Location", "")
        return self._seen(answer, status)

    def follow(self) -> str:
        """Where the last answer led."""
        return self.get(self.where)

    def _seen(self, answer: Any, status: int) -> str:
        self.html = b"".join(answer).decode()
        assert answer.status_code == status, self.html[:2_000]
        bare = re.sub(r"<[^>]*>", " ", self.html)
        return re.sub(r"\s+", " ", unescape(bare))


@pytest.fixture
def story(tmp_path: Path, empty_records: Path) -> Iterator[Story]:
    with open_story(tmp_path / "shop", empty_records) as opened:
        yield opened


def browser(story: Story, role: Role = "editor") -> Browser:
    return Browser(story.shop.client(role))
