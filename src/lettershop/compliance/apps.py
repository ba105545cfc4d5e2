"""The room as Django knows it."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "lettershop.compliance"
    label = "compliance"
    verbose_name = "Compliance"
