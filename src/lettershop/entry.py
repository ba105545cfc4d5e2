"""The program `lettershop`: the commands, and the server as one of them."""

from lettershop.cli.main import app

__all__ = ["app", "main"]


def main() -> None:
    app(prog_name="lettershop")
