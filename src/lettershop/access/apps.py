"""The room as Django knows it."""

from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "lettershop.access"
    label = "access"
    verbose_name = "Access"
