"""The door to the network: the collector, the API and the pages, on one port.

`front.py`      which part answers a request
`bounded.py`    how large a body may be, before it is stored
`health.py`     what machines ask: alive, ready, figures; `credentials.py` the secret they show
`up.py`         the server as one process; `opened.py` from its socket to its end
`serve.py`      socket, uvicorn, an orderly end
`leader.py`     the server as one process of several: the one that leads, or stands by
`edge.py`       a process without facts: it hands over (`handing.py`, and `handed.py` on the other
                side) what it cannot answer; `nobody.py` what is said while nobody can
`urls.py`       addresses of pages and API, each with its role; `middleware.py` their headers
`collector/`    tracking calls: acknowledged when they are on disk
`api/`          API v1
`pages/`        what people open in a browser
"""
