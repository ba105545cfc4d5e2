"""The door to the network: the collector, the API and the pages, on one port.

`front.py`      which part answers a request
`bounded.py`    how large a body may be, before it is stored
`collector/`    tracking calls: acknowledged when they are on disk
`api/`          API v1
`pages/`        what people open in a browser
"""
