"""`python -m bench.recommend`: what the recommendations are worth, on real purchases; and how fast.

What was bought until a day decides, what was bought in the days after it judges. Parameters were
chosen on the earlier day; the later one is what is reported. docs/explanation/recommendations.md
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.judged import Figure, Scores, figure, judge
from bench.recommend_speed import measure_speed
from bench.retail import NAME, read_retail
from bench.splits import Split, by_strategy, by_weighting, most_bought, splits
from lettershop.content.recommend.best import Ranked
from lettershop.content.recommend.strategies import REPEATABLE
from lettershop.content.recommend.together import MEASURES, Weighting

EARLIER, LATER = "2010-08-01", "2010-10-01"
WINDOWS = (30, 60)
BASELINE = "most bought so far"
Way = Callable[[Split], Ranked]

WAYS: dict[str, Way] = {
    BASELINE: most_bought,
    **{
        name: lambda split, name=name: by_strategy(split, name)
        for name in (
            "bestsellers",
            "bestsellers_in_my_country",
            "bought_together",
            "popular_among_similar_accounts",
            "bought_often",
            "due_for_reorder",
        )
    },
}
WEIGHTINGS: dict[str, Weighting] = {
    f"{measure}, shrink {shrink:g}{', by size' if long else ''}": Weighting(
        measure=measure, shrink=shrink, long=long
    )
    for measure in MEASURES
    for long in (0.0, 1.0)
    for shrink in (0.0, 20.0, 200.0)
}


def measure(split: Split, ways: dict[str, Way]) -> dict[str, dict[str, Any]]:
    """Way -> its figures; `better`: its hits beyond those of the baseline."""
    found: dict[str, dict[str, Any]] = {}
    base = judge(most_bought(split), split.truth)
    for name, way in ways.items():
        if split.new_only and name in REPEATABLE:
            continue
        scores = judge(way(split), split.truth)
        found[name] = _figures(scores) | {"better": figure(scores.hit - base.hit)}
    return found


def _figures(scores: Scores) -> dict[str, Any]:
    figures: dict[str, Any] = {
        name: figure(getattr(scores, name)) for name in ("hit", "recall", "ndcg")
    }
    return figures | {"reached": scores.reached, "precision": scores.precision}


def print_split(split: Split, found: dict[str, dict[str, Any]]) -> None:
    what = "items not bought before" if split.new_only else "all items"
    print(f"\nBefore {split.day}, {split.days} days after, {what}: {len(split.who):,} accounts\n")
    print(
        "| | hit rate at 10 | beyond the baseline | recall at 10 | NDCG at 10 | reached | bought |"
    )
    print("|---|---|---|---|---|---|---|")
    for name, row in found.items():
        better = "" if name == BASELINE else _points(row["better"])
        cells = [_percent(row["hit"]), better, _percent(row["recall"]), _percent(row["ndcg"])]
        shares = [f"{row[part]:.0%}" for part in ("reached", "precision")]
        print(f"| {name} | " + " | ".join(cells + shares) + " |")


def _percent(value: Figure) -> str:
    return f"{value.mean:.1%} ({value.low * 100:.1f} to {value.high * 100:.1f})"


def _points(value: Figure) -> str:
    return f"{value.mean * 100:+.1f} ({value.low * 100:+.1f} to {value.high * 100:+.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"), help="folder of data")
    parser.add_argument("--only", choices=("choice", "result", "speed"), help="one part alone")
    parser.add_argument("--recipients", type=int, default=100_000, help="of the speed part")
    parser.add_argument("--json", type=Path, help="also write all figures to this file")
    asked = parser.parse_args()
    found: dict[str, Any] = {}
    file = asked.data / NAME
    if asked.only != "speed" and not file.exists():
        raise SystemExit(f"{file} is not there: Online Retail II, first year, as Parquet")
    if asked.only in (None, "choice"):
        ways = {n: lambda split, how=how: by_weighting(split, how) for n, how in WEIGHTINGS.items()}
        found["choice"] = _measured(file, EARLIER, {BASELINE: most_bought, **ways})
    if asked.only in (None, "result"):
        for part, day in (("earlier", EARLIER), ("later", LATER)):
            found[part] = _measured(file, day, WAYS)
    if asked.only in (None, "speed"):
        found["speed"] = measure_speed(asked.recipients)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=2), "utf-8")


def _measured(file: Path, day: str, ways: dict[str, Way]) -> dict[str, Any]:
    made = {}
    for split in splits(read_retail(file), day, WINDOWS):
        found = measure(split, ways)
        print_split(split, found)
        made[f"{split.days} days, {'new' if split.new_only else 'all'}"] = found
    return made


if __name__ == "__main__":
    main()
