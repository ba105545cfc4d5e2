"""Machines that send: worker processes beside the owner of the facts.

deployed.py   what all of them must have alike: registered by the owner, compared by workers
worker.py     `lettershop worker`: sender processes kept running, as long as that holds

Everything else a sender needs is in the records: the ledger, editions, consents. Their journals
stay on their machine (delivery/senders/recovery.py says what becomes of those that are lost).
"""
