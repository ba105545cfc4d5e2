"""The addresses of this area."""

from typing import Final

from django.urls import URLPattern

PAGES: Final[list[URLPattern]] = []
