"""Contacts and accounts: found, and everything known about one of them.

lists.py      both lists, and the finder of the frame
contact.py, account.py   a page with tabs; each tab gathers what it shows (tabs.py)
story.py      timeline entries ready to be drawn; drawn.py: values; words.py: codes as words
explained.py  why somebody is, or is not, in a segment: a part of the page
writing.py    traits changed by hand, merges undone
consent.py    consent and suppression said by hand; standing.py: how an address stands
letters.py    a letter as it was received
addresses.py  the addresses; asked.py  what addresses and forms say, read calmly
"""
