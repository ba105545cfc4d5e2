"""Other people's mail programs, for proofs that need real ones: started on loopback by a test.

programs.py (found, started, ended) -> names.py: a DNS; milters.py: opendkim, opendmarc;
    dovecot.py: mailboxes; sink.py: smtp-sink, which writes down what it took
Postfix itself: tests/delivery/returns/post_office.py
"""
