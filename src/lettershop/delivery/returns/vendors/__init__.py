"""What providers of mail tell us by webhook, as Returns: Amazon SES, SendGrid, Postmark, Mailgun.

`parsing.py`: start here. Who signed it is checked before anything in it is believed. One file per
provider, with its words for what happened; `common.py`: what they share.
"""
