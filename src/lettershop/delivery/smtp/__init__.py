"""Our side of SMTP (RFC 5321): letters to a smart host, or to the recipients' own mail servers.

    address.py (the setting smtp) or exchanges.py (whose servers take a domain's mail: DNS)
        -> opening.py: connect, TLS, HELLO, AUTH (aiosmtplib) -> stream.py, replies.py: what it says
        -> conversation.py: MAIL, RCPT, DATA in one go, content; then, apart from it, the final dot
        -> lasting.py: many messages over one connection, another when it is spent
    smarthost.py, direct.py: the two transports; choosing.py: which one the setting smtp means

Whatever the other side says or does ends as a Reply, Lost or Unwelcome (delivery/wire.py).
"""
