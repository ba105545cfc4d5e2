"""Where the received letters are."""

from lettershop.web.pages.mailbox import views
from lettershop.web.pages.roles import page

PAGES = [
    page("mailbox", views.received, "viewer"),
    page("mailbox/part", views.received_part, "viewer"),
    page("mailbox/empty", views.received_empty, "editor", "GET POST"),
    page("mailbox/<int:number>", views.received_mail, "viewer"),
    page("mailbox/<int:number>/frame", views.received_frame, "viewer"),
    page("mailbox/<int:number>/source", views.received_source, "viewer"),
    page("mailbox/<int:number>/parts/<int:place>", views.received_enclosure, "viewer"),
]
