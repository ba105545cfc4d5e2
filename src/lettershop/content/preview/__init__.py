"""How a finished letter is looked at by those who write it, without a mail client.

dark.py    what a client shows that is in dark mode and leaves the letter's colours to the letter
inert.py   its links lead nowhere
"""
