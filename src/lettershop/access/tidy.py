"""What runs out is removed: sessions that ended, answers kept for repeated requests."""

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session
from django.db import close_old_connections
from django.utils import timezone

from lettershop.access.models import IdempotencyKey

ANSWERS_KEPT = timedelta(days=1)


def tidy(*, now: datetime | None = None) -> int:
    """How many rows went; safe to repeat, called by the clock once an hour or so."""
    close_old_connections()
    now = now or timezone.now()
    sessions, _ = Session.objects.filter(expire_date__lt=now).delete()
    answers, _ = IdempotencyKey.objects.filter(created__lt=now - ANSWERS_KEPT).delete()
    return sessions + answers
