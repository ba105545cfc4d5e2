"""Requests that leave the house for addresses that people typed in, and where they may go.

places.py: the address checked, its name resolved once, every address of it checked
exchange.py: connected to that very address, the answer read to a limit
post.py: webhooks          get.py: data for letters
"""
