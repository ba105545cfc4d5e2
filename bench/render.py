"""`python -m bench.render`: letters rendered, beside bare python-liquid and Jinja2, in one run.

A letter of 8 kB with a greeting, a condition, a loop over four items and five links, its subject
and its text part, for 100,000 recipients. All engines get the same values and escape HTML; what
they render is compared before anything is timed. The proof renders everybody, too, and counts the
classes and looks at the letters besides. One process, one core; engines take turns in rounds, so
that a busy moment of the machine strikes all of them.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import cycle, islice
from pathlib import Path
from typing import Any, NamedTuple

from liquid import Environment

from bench.render_letter import BODY, SUBJECT, TEXT, jinja, letter, values
from bench.report import Target, print_targets
from lettershop.content.letter import Rendered, Values
from lettershop.content.proof.runner import prove

try:
    import jinja2
except ImportError:  # it is for the comparison only
    jinja2 = None  # type: ignore[assignment]  # mypy would have it a module

PEOPLE = 2_000
"""Different recipients; they are rendered again until there are as many as asked for."""
ROUNDS = 5


class Recipient(NamedTuple):
    identity: str
    account: int = -1
    language: str | None = None


Parts = tuple[str, str, str]
Render = Callable[[Values], Parts]


class Engine(NamedTuple):
    name: str
    run: Callable[[Sequence[Values]], None]
    render: Render | None


def ours() -> Render:
    made = letter()

    def render(one: Values) -> Parts:
        result = made.render(one)
        if not isinstance(result, Rendered):
            raise TypeError(f"not rendered: {result}")
        return result.subject, result.html, result.text

    return render


def bare() -> Render:
    """python-liquid as it comes."""
    html, plain = Environment(autoescape=True), Environment()
    parts = plain.from_string(SUBJECT), html.from_string(BODY), plain.from_string(TEXT)

    def render(one: Values) -> Parts:
        subject, body, text = (part.render(one) for part in parts)
        return subject, body, text

    return render


def by_jinja() -> Render:
    html = jinja2.Environment(autoescape=True, keep_trailing_newline=True)
    plain = jinja2.Environment(autoescape=False, keep_trailing_newline=True)
    made = [(plain, SUBJECT), (html, BODY), (plain, TEXT)]
    parts = [environment.from_string(jinja(said)) for environment, said in made]

    def render(one: Values) -> Parts:
        subject, body, text = (part.render(one) for part in parts)
        return subject, body, text

    return render


def proof(people: Sequence[Values]) -> None:
    prove({"": letter()}, _fed(people), total=len(people))


def _fed(people: Sequence[Values]) -> Iterator[tuple[Recipient, Values, Sequence[int]]]:
    for number, one in enumerate(people):
        yield Recipient(f"contact {number}"), one, ()


def each(render: Render) -> Callable[[Sequence[Values]], None]:
    def run(people: Sequence[Values]) -> None:
        for one in people:
            render(one)

    return run


def engines() -> list[Engine]:
    renders = {"Lettershop": ours(), "python-liquid, bare": bare()}
    if jinja2 is not None:
        renders["Jinja2"] = by_jinja()
    found = [Engine(name, each(render), render) for name, render in renders.items()]
    return [*found, Engine("Lettershop, proof with classes", proof, None)]


def measure(recipients: int, rounds: int = ROUNDS) -> dict[str, Any]:
    """Renders per second of one core, by engine: the median of the rounds."""
    known, measured = values(min(PEOPLE, recipients)), engines()
    agree(measured, known)
    share = list(islice(cycle(known), max(1, recipients // rounds)))
    times: dict[str, list[float]] = {engine.name: [] for engine in measured}
    for _ in range(rounds):
        for engine in measured:
            begun = time.process_time()
            engine.run(share)
            times[engine.name].append(time.process_time() - begun)
    return {
        "recipients": len(share) * rounds,
        "bytes of HTML": len(letter_of(known[0])),
        "per second": {name: len(share) / statistics.median(t) for name, t in times.items()},
    }


def letter_of(one: Values) -> bytes:
    return ours()(one)[1].encode()


def agree(measured: Sequence[Engine], people: Sequence[Values]) -> None:
    """All engines write the same letters, or there is nothing to compare."""
    renders = [engine for engine in measured if engine.render is not None]
    for one in people[:50]:
        first, *others = (engine.render(one) for engine in renders if engine.render)
        for engine, other in zip(renders[1:], others, strict=True):
            if first != other:
                raise AssertionError(f"{engine.name} renders something else")


def targets(found: dict[str, Any]) -> list[Target]:
    rates = found["per second"]
    liquid, proved = rates["python-liquid, bare"], rates["Lettershop, proof with classes"]
    return [Target("proof / bare python-liquid", liquid / proved, 1.5, "× the time")]


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Measures, prints, and returns what was found."""
    parser = argparse.ArgumentParser(prog="python -m bench.render", description=__doc__)
    parser.add_argument("--recipients", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here, too")
    asked = parser.parse_args(arguments)
    found = measure(asked.recipients, asked.rounds)
    print(f"\n{found['recipients']:,} recipients · {found['bytes of HTML']:,} bytes of HTML each")
    for name, rate in found["per second"].items():
        print(f"    {name:36} {rate:10,.0f} letters/s per core  {1e6 / rate:8,.0f} µs each")
    if jinja2 is None:
        print("    Jinja2 is not installed here")
    print_targets(targets(found))
    if asked.json:
        reached = [t._asdict() | {"met": t.met} for t in targets(found)]
        asked.json.write_text(json.dumps(found | {"targets": reached}, indent=2), "utf-8")
    return found


if __name__ == "__main__":
    main()
