"""What every template knows."""

from django.http import HttpRequest
from django.utils.translation import get_language

from lettershop import __version__
from lettershop.access.models import User
from lettershop.web.pages.choices import theme_of
from lettershop.web.pages.menu import shown
from lettershop.web.pages.telling import told


def everywhere(request: HttpRequest) -> dict[str, object]:
    """`here`: the first part of the address, to mark the page in the menu; `may_edit`, `may_own`:
    what the viewer's role allows."""
    user = getattr(request, "user", None)
    known = user.principal if isinstance(user, User) else None
    return {
        "version": __version__,
        "user": user,
        "may_edit": known is not None and known.may("editor"),
        "may_own": known is not None and known.may("owner"),
        "menu": shown() if known is not None else (),
        "told": told(request),
        "here": request.path.strip("/").partition("/")[0],
        "language": get_language() or "en",
        "theme": theme_of(request),
    }
