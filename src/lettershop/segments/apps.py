"""The room as Django knows it."""

from django.apps import AppConfig


class SegmentsConfig(AppConfig):
    name = "lettershop.segments"
    label = "segments"
    verbose_name = "Segments"
