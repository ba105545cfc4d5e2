"""What every template knows."""

from django.contrib.messages import get_messages
from django.http import HttpRequest

from lettershop import __version__


def everywhere(request: HttpRequest) -> dict[str, object]:
    """`here`: the first part of the address, to mark the page in the menu."""
    return {
        "version": __version__,
        "user": getattr(request, "user", None),
        "messages": get_messages(request),
        "here": request.path.strip("/").partition("/")[0],
    }
