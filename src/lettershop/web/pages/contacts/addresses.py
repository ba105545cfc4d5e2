"""The addresses of this area."""

from typing import Final

from lettershop.web.pages.contacts import consent, letters, lists, writing
from lettershop.web.pages.contacts.account import account_page
from lettershop.web.pages.contacts.contact import contact_page
from lettershop.web.pages.contacts.explained import explanation
from lettershop.web.pages.roles import page

# Identities have a colon and may have slashes: what is done to a contact stands before it.
PAGES: Final = [
    page("contacts", lists.contact_list, "viewer"),
    page("contacts/found", lists.contacts_found, "viewer"),
    page("contacts/consent/<path:contact>", consent.give_consent, "editor", "POST"),
    page("contacts/withdraw/<path:contact>", consent.withdraw_consent, "editor", "POST"),
    page("contacts/stop/<path:contact>", consent.stop_letters, "editor", "POST"),
    page("contacts/again/<path:contact>", consent.write_again, "editor", "POST"),
    page("contacts/lift/<path:contact>", consent.lift_suppression, "editor", "POST"),
    page("contacts/unmerge/<int:merge>", writing.undo_merge, "owner", "GET POST"),
    page("contacts/<path:contact>", contact_page, "viewer"),
    page("accounts", lists.account_list, "viewer"),
    page("accounts/<path:account>", account_page, "viewer"),
    page("traits/contact/<path:who>", writing.write_contact_trait, "editor", "POST"),
    page("traits/account/<path:who>", writing.write_account_trait, "editor", "POST"),
    page("explained/<path:who>", explanation, "viewer"),
    page("letters/<int:row>", letters.received_letter, "viewer"),
    page("letters/<int:row>/frame", letters.received_frame, "viewer"),
]
