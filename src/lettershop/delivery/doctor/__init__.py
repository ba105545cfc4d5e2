"""The doctor: whether DNS and servers say about a domain what receivers of its letters ask for.

    asked.py      what is asked: Question; what all checks are given: Case
    names.py      Names: asking DNS, each name once, with a time limit
    spf.py        who may send: spf_record.py reads, spf_macros.py fills in, spf_walk.py follows
    keys.py       DKIM;  dmarc.py: DMARC and alignment
    servers.py    From, MX, PTR, STARTTLS;  policies.py: MTA-STS, TLS-RPT, BIMI
    knowledge/    checks.toml: what can be wrong, how bad it is, what to do
    examine.py    start here: all checks beside each other

What cannot be known (DNS does not answer, nobody said from where letters leave) has `ok` None: it
is never taken for good.
"""

from lettershop.delivery.doctor.asked import Question
from lettershop.delivery.doctor.examine import examine
from lettershop.delivery.doctor.knowledge import Diagnosis
from lettershop.delivery.doctor.names import DnsNames, Names, Silent

__all__ = ["Diagnosis", "DnsNames", "Names", "Question", "Silent", "examine"]
