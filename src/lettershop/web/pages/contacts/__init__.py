"""Contacts and accounts: found, and everything known about one of them."""
