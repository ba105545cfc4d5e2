"""The door to the network: the collector, the API and the pages, on one port.

`front.py`      which part answers a request
`bounded.py`    how large a body may be, before it is stored
`health.py`     what machines ask: alive, ready, figures; `credentials.py` the secret they show
`up.py`         the server from beginning to end; `serve.py` its socket, uvicorn, its end
`urls.py`       addresses of pages and API, each with its role; `middleware.py` their headers
`collector/`    tracking calls: acknowledged when they are on disk
`api/`          API v1
`pages/`        what people open in a browser
"""
