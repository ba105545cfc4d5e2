"""What analytics.js asks for before it starts: its integrations, and where they send."""

import re
from urllib.parse import urlsplit

from lettershop.model.settings import Settings

PATH = re.compile(r"/v1/projects/([^/]{1,200})/settings/?")
_HOST = re.compile(r"[A-Za-z0-9.\-]+(:\d+)?|\[[0-9A-Fa-f:.]+\](:\d+)?")


def project(write_key: str, host: str, scheme: str) -> dict[str, object]:
    """One integration, this server, at `host` (a name with port, and the path in front of it)."""
    return {
        "integrations": {
            "Segment.io": {
                "apiKey": write_key,
                "apiHost": f"{host}/v1",
                "protocol": scheme,
                "addBundledMetadata": False,
                "unbundledIntegrations": [],
                "versionSettings": {"version": "4.4.7", "componentTypes": ["browser"]},
            }
        },
        "plan": {"track": {"__default": {"enabled": True, "integrations": {}}}},
        "edgeFunction": {},
        "analyticsNextEnabled": True,
        "enabledMiddleware": {},
        "middlewareSettings": {},
        "metrics": {"sampleRate": 0, "host": f"{host}/v1"},
        "legacyVideoPluginsEnabled": False,
        "remotePlugins": [],
    }


def address(settings: Settings, host: bytes | None, scheme: str) -> tuple[str, str]:
    """(host, scheme) under which the world reaches this server: the setting, else as asked."""
    if settings.public_url:
        parts = urlsplit(settings.public_url)
        return f"{parts.netloc}{parts.path.rstrip('/')}", parts.scheme or "https"
    named = (host or b"").decode("latin-1")
    if _HOST.fullmatch(named):
        return named, scheme
    return f"{settings.host}:{settings.port}", scheme
