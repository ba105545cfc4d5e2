"""The addresses of this area."""

from typing import Final

from lettershop.web.pages.roles import page
from lettershop.web.pages.settings import account, people, tokens

PAGES: Final = [
    page("settings/people", people.show, "owner"),
    page("settings/people/add", people.add, "owner", "POST"),
    page("settings/people/<int:user>/change", people.change, "owner", "POST"),
    page("settings/tokens/add", tokens.add, "owner", "POST"),
    page("settings/tokens/<int:token>/revoke", tokens.revoke, "owner", "POST"),
    page("account", account.show, "viewer"),
    page("account/password", account.change_password, "viewer", "POST"),
]
