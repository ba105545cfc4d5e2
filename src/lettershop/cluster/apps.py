"""The room as Django knows it."""

from django.apps import AppConfig


class ClusterConfig(AppConfig):
    name = "lettershop.cluster"
    label = "cluster"
    verbose_name = "Cluster"
