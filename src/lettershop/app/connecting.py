"""What to paste to send the first event: the lines people see after making a write key."""

import msgspec

from lettershop.model.settings import Settings

ANY_KEY = "YOUR_WRITE_KEY"


class Lines(msgspec.Struct, frozen=True):
    """`text` is to be pasted into `place`."""

    title: str
    place: str
    text: str


def address(settings: Settings) -> str:
    """How this server is reached, without a slash at the end."""
    if settings.public_url:
        return settings.public_url.rstrip("/")
    host = "localhost" if settings.host in ("0.0.0.0", "127.0.0.1", "::") else settings.host  # noqa: S104
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"


def connecting_lines(url: str, key: str = ANY_KEY) -> tuple[Lines, ...]:
    """For the terminal, Python, Node and a web page. `url` without a slash at the end."""
    return (
        Lines("curl", "a terminal", _CURL.format(url=url, key=key)),
        Lines("Python", "pip install segment-analytics-python", _PYTHON.format(url=url, key=key)),
        Lines("Node", "npm install @segment/analytics-node", _NODE.format(url=url, key=key)),
        Lines("Website", "the <head> of every page", _SCRIPT.format(url=url, key=key)),
    )


_CURL = """\
curl -u {key}: {url}/v1/track \\
  -H "Content-Type: application/json" \\
  -d '{{"userId": "U1", "event": "Signed In", "properties": {{"plan": "pro"}}}}'"""

_PYTHON = """\
from segment import analytics

analytics.write_key = "{key}"
analytics.host = "{url}"
analytics.track("U1", "Signed In")
analytics.flush()"""

_NODE = """\
import {{ Analytics }} from "@segment/analytics-node"

const analytics = new Analytics({{ writeKey: "{key}", host: "{url}" }})
analytics.track({{ userId: "U1", event: "Signed In" }})
await analytics.closeAndFlush()"""

_SCRIPT = """\
<script async src="{url}/lettershop.js" data-key="{key}"></script>"""
