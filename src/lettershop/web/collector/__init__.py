"""The collector: tracking calls in, acknowledged when they are on disk. Raw ASGI, for speed.

`app.py`          `Collector`: routes, keys, the answer: start here
`contracts.py`    what it needs: a log and the sources' keys; what it counts
`reading.py`      the body of a request: limits, time, gzip
`checking.py`     is it JSON of the right shape and size; everything else the loader decides
`replies.py`      the answers, and what browsers of other sites may see of them
`projects.py`     what analytics.js asks for before it starts
`script.py`       the script tag, as an answer
`connection.py`   how long a connection may take to say what it wants
`serve.py`        collector and log alone, for tests and the bench
"""

from lettershop.web.collector.app import Collector
from lettershop.web.collector.connection import Connection
from lettershop.web.collector.contracts import Counts, Log, SourceKey, Sources

__all__ = ["Collector", "Connection", "Counts", "Log", "SourceKey", "Sources"]
