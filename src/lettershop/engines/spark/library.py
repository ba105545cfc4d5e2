"""PySpark and PyArrow, loaded when a session is opened: the extra `spark` is not always there, and
loading them takes half a second that no other command should pay."""

import os
import warnings
from importlib import import_module
from types import ModuleType

from lettershop.model.errors import InputError


def load(name: str) -> ModuleType:
    """A module of the extra. InputError `spark.missing` when the extra is not installed."""
    # gRPC hooks into forks, and so breaks the start of Java where a process spoke Connect before.
    os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "false")
    # It never hands anything to pandas; what PySpark says about pandas helps nobody here.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    try:
        return import_module(name)
    except ImportError as error:
        message = f"segments on Spark need PySpark, which is not installed ({error})"
        hint = 'pip install "lettershop[spark]"'
        raise InputError("spark.missing", message, hint=hint) from None
