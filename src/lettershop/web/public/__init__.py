"""What recipients open: links, the pixel, unsubscribing and their topics. Nobody signs in here: the
token in the address says which letter it is about, and nothing else is asked of it.

`parties.py`    Public: what the pages need, set once at start: start here; `opening.py` makes it
`links.py`      /c/… leads on, /o/… is the pixel: never more than a signature and a line on disk
`leaving.py`    /u/…: the one-click POST (RFC 8058), the page with one button, topics
`hooks.py`      /hooks/mail/…: what mail providers tell, believed for its signature
`shown.py`      the pages, in the reader’s language, of six (words.toml)
`addresses.py`  where they are
`limits.py`     who guesses tokens, or changes their mind all day, must wait
"""
