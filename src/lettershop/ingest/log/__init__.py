"""The durable log of raw requests: what was acknowledged is here, whatever happens afterwards.

`request.py`   one logged request: start here
`writer.py`    `LogWriter`: many requests, one fsync, then their answers
`reader.py`    `LogReader`: the requests after a sequence number, while others are written
`files.py`     the SQLite files of the folder, their names and their table
`repair.py`    what can still be read of a damaged file
`room.py`      how much may wait, and how full the disk may be
"""

from lettershop.ingest.log.reader import LogReader
from lettershop.ingest.log.request import Request
from lettershop.ingest.log.writer import Done, LogWriter

__all__ = ["Done", "LogReader", "LogWriter", "Request"]
