"""A file replaced at once or not at all."""

import os
import secrets
import shutil
from pathlib import Path

from lettershop.model.errors import WorkspaceError


def replace(path: Path, text: str) -> None:
    """Written beside it, to the disk, then renamed over it; it keeps its mode, and a new one is for
    its owner only. WorkspaceError `file.unwritable` where that cannot be."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        # For its owner only from the first moment: settings hold passwords.
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, part)
        part.replace(path)
    except OSError as error:
        hint = "the server's user needs to be allowed to write there"
        message = f"cannot be written: {error.strerror}"
        raise WorkspaceError("file.unwritable", message, where=path.name, hint=hint) from None
    finally:
        part.unlink(missing_ok=True)
