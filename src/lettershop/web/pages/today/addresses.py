"""The addresses of this area."""

from typing import Final

from lettershop.web.pages.roles import page
from lettershop.web.pages.today import today

PAGES: Final = [
    page("", today.todays_page, "viewer"),
    page("today/moving", today.moving_part, "viewer"),
]
