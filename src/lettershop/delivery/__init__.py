"""Delivery: letters on their way out. So far only test letters, to seeds: seeds.py."""
