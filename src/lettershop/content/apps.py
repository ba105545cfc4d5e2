"""The room as Django knows it."""

from django.apps import AppConfig


class ContentConfig(AppConfig):
    name = "lettershop.content"
    label = "content"
    verbose_name = "Content"
