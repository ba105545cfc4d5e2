"""A program that uses the API with a token."""

import json
from typing import Any

from django.test import Client
from opened_shop import Shop

from lettershop.web.api import PREFIX


class Crm:
    """Asks and says; any other status than the expected one fails."""

    def __init__(self, shop: Shop) -> None:
        self.shop, self.client, self.headers = shop, Client(), shop.bearer("editor", "crm")

    def post(self, path: str, body: object, status: int = 200) -> Any:
        text = body if isinstance(body, bytes) else json.dumps(body)
        answer = self.client.post(
            PREFIX + path, text, content_type="application/json", headers=self.headers
        )
        assert answer.status_code == status, answer.content
        return answer.json()

    def get(self, path: str, status: int = 200, **query: Any) -> Any:
        answer = self.client.get(PREFIX + path, query, headers=self.headers)
        assert answer.status_code == status, answer.content
        return answer.json()

    def all(self, path: str, limit: int, **query: Any) -> list[Any]:
        """The items of all pages."""
        items: list[Any] = []
        cursor = ""
        while True:
            page = self.get(path, limit=limit, cursor=cursor, **query)
            assert len(page["items"]) <= limit
            items += page["items"]
            cursor = page["next"]
            if cursor is None:
                return items
