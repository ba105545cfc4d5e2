"""The room as Django knows it."""

from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    name = "lettershop.delivery"
    label = "delivery"
    verbose_name = "Delivery"
