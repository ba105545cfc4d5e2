"""What a process of the cluster shows another, so that it is believed about who asks."""

import hashlib
import hmac
from pathlib import Path
from typing import Final

from lettershop.app import records

_PURPOSE: Final = b"lettershop cluster: hand over"


def cluster_token(data: Path) -> str:
    """The same on every machine with the workspace's secret; tells nothing of it. `data`: the
    workspace's folder of that name."""
    secret = records.secret_key(data).encode("ascii")
    return hmac.new(secret, _PURPOSE, hashlib.sha256).hexdigest()
