"""The most a process holds that opens the database, evaluates everything once, and ends."""

import resource
import subprocess
import sys
from pathlib import Path

from bench.data import AS_OF
from bench.segments import segments
from lettershop.engines.duckdb.evaluate import evaluate
from lettershop.engines.duckdb.store import Store

MEBIBYTE = 1 << 20


def peak_memory(database: Path, count: int, seed: int) -> float:
    """Peak resident memory in MiB of such a process. No other may have the database open."""
    command = [sys.executable, "-m", "bench.memory", str(database), str(count), str(seed)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout)


def _measure(database: Path, count: int, seed: int) -> float:
    definitions = segments(count, seed)
    with Store.open(database) as store:
        found = evaluate(store, definitions, AS_OF)
        for definition in definitions:
            found.members(definition.name)
    return _peak() / MEBIBYTE


def resident() -> int:
    """Bytes this process holds now; where that is not told, the most it ever held."""
    return _status("VmRSS") or _most()


def _peak() -> int:
    """Bytes. Linux counts what was held before exec into `ru_maxrss`, but not into VmHWM."""
    return _status("VmHWM") or _most()


def _status(name: str) -> int:
    """Bytes, by the name Linux gives them; 0 elsewhere."""
    status = Path("/proc/self/status")
    if not status.exists():
        return 0
    line = next(x for x in status.read_text("ascii").splitlines() if x.startswith(name))
    return int(line.split()[1]) * 1024


def _most() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


if __name__ == "__main__":
    print(_measure(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])))
