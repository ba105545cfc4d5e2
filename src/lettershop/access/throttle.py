"""Guessing passwords made slow: after five failures in a row an address, and a network, must wait.

The wait doubles with each further failure, from 5 seconds to 15 minutes, so a person who mistypes
hardly notices and a program tries fewer than a hundred passwords a day. The counts are in the
records: neither a restart nor a second process forgives anybody. An address is counted whether it
has a user or not, so that the answer does not tell.
"""

import hashlib
import ipaddress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from lettershop.access.models import FailedLogin

FREE = 5
"""Failures in a row that cost no wait."""
FIRST = timedelta(seconds=5)
LONGEST = timedelta(minutes=15)
FORGOTTEN = timedelta(days=1)
"""Failures are forgotten after a day without another one."""


def attempt(email: str, ip: str, *, now: datetime | None = None) -> int:
    """Seconds to wait before this address may be tried from this network; 0 when it may be now.

    A try that may be made is counted as a failure at once, until `succeeded` takes it back: tries
    that come at the same time cannot all pass before the first one is counted.
    """
    now = now or timezone.now()
    subjects = _subjects(email, ip)
    with transaction.atomic():
        FailedLogin.objects.filter(last__lte=now - FORGOTTEN).delete()
        for subject in subjects:
            FailedLogin.objects.get_or_create(subject=subject, defaults={"last": now})
        counted = FailedLogin.objects.select_for_update().filter(subject__in=subjects)
        left = max(count.last + _pause(count.failures) for count in counted.order_by("id")) - now
        if left > timedelta():
            return -(-left // timedelta(seconds=1))
        counted.update(failures=F("failures") + 1, last=now)
        return 0


def succeeded(email: str, ip: str) -> None:
    """The address is forgiven; the network only this try, or one's own account would be a way
    round."""
    network = _subjects(email, ip)[1]
    forgive(email)
    FailedLogin.objects.filter(subject=network, failures__gt=0).update(failures=F("failures") - 1)


def forgive(email: str) -> None:
    """The address may be tried at once, as after a new password was given."""
    FailedLogin.objects.filter(subject=_subjects(email, "")[0]).delete()


def _pause(failures: int) -> timedelta:
    if failures < FREE:
        return timedelta()
    doublings: int = min(failures - FREE, 10)
    return min(LONGEST, FIRST * (1 << doublings))


def _subjects(email: str, ip: str) -> list[str]:
    """Hashed, because people type their password into the wrong box."""
    parts = (f"address:{email.strip().lower()}", f"network:{_network(ip)}")
    return [hashlib.sha256(part.encode("utf-8", "surrogatepass")).hexdigest() for part in parts]


def _network(ip: str) -> str:
    """An IPv4 address; of IPv6 the /64, which one machine has all of."""
    try:
        found = ipaddress.ip_address(ip)
    except ValueError:
        return "unknown"
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
