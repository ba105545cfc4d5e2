"""The durable log of raw requests: what was acknowledged is here, whatever happens afterwards.

`request.py`   one logged request: start here
"""
