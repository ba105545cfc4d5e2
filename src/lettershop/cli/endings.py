"""The frame around every command: errors once and friendly, quiet endings."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from lettershop.cli.output import hint, print_error
from lettershop.model.errors import LettershopError, UsageError

STOPPED = 130
PIPE_CLOSED = 141


class Failed(LettershopError):
    """The command has said everything; only the exit code is left."""

    def __init__(self, exit_code: int) -> None:
        super().__init__("failed", "")
        self.exit_code = exit_code


class Doors(TyperGroup):
    """The root command: turns every way to end into an exit code."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        arguments = list(sys.argv[1:] if args is None else args)
        as_json = "--json" in arguments
        code = 0
        try:
            code = super().main(arguments, prog_name, standalone_mode=False, **extra) or 0
            sys.stdout.flush()
        except Failed as failed:
            code = failed.exit_code
        except LettershopError as error:
            print_error(error, as_json=as_json)
            code = error.exit_code
        except typer.TyperException as error:
            code = _misused(error, as_json=as_json)
        except (KeyboardInterrupt, typer.Abort):
            code = STOPPED
        except BrokenPipeError:
            code = PIPE_CLOSED
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        except OSError as error:
            print_error(_from_system(error), as_json=as_json)
            code = 1
        if code == STOPPED:
            hint("stopped")
        return sys.exit(code)


def _misused(error: typer.TyperException, *, as_json: bool) -> int:
    """Wrong arguments; typer's own words, our form. No arguments at all: the help is shown."""
    if not error.format_message():
        return 0
    context = getattr(error, "ctx", None)
    hint = f"{context.command_path} --help" if context is not None else "lettershop --help"
    print_error(UsageError("usage", error.format_message(), hint=hint), as_json=as_json)
    return error.exit_code


def _from_system(error: OSError) -> LettershopError:
    where = str(error.filename) if error.filename else ""
    return LettershopError("system", error.strerror or str(error), where=where)
