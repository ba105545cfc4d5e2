"""Lettershop: send every person the message that fits them."""

__version__ = "0.1.0"
